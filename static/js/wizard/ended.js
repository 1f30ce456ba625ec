/** A session that ended is told to the other pages of this browser: who comes next must not see there whose it was. */
import { ownerId, takeKey } from './key.js';

const SEALING = 3000;
let told = false;

export function tellEnded() {
  if (told) return;
  told = true;
  const channel = new BroadcastChannel('dermavis-session');
  channel.postMessage('ended');
  channel.close();
}

/** The key leaves this page's memory, once what is just being sealed lies here. It stays said whose page it is. */
export const forgetKey = () => setTimeout(() => takeKey({ key: null, person: ownerId() }), SEALING);
