/** After the first sending: to be told of the answer on this device, asked by a tap. */
import { h } from './dom.js';

/** The page brings the offer from the server as a template; it is shown only where it makes sense. */
export function pushOffer() {
  const template = document.getElementById('push-offer');
  const possible = 'Notification' in window && 'PushManager' in window && Notification.permission === 'default';
  if (!template || !possible) return null;
  const box = h('div', {});
  box.append(template.content.cloneNode(true));
  const address = template.dataset.script;
  if (address) import(address).then(module => module.offerPush?.(box));
  return box;
}
