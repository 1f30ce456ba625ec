/** After the first sending: to be told of the answer on this device, asked by a tap. */
import { h } from './dom.js';

/** The page brings the offer from the server as a template, and the script that serves it everywhere else. */
export function pushOffer() {
  const template = document.getElementById('push-offer');
  const possible = 'Notification' in window && 'PushManager' in window && Notification.permission === 'default';
  if (!template || !possible) return null;
  const box = h('div', {});
  box.append(template.content.cloneNode(true));
  setTimeout(() => import(template.dataset.script), 0);
  return box;
}
