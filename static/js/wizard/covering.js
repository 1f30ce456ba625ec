/** Another page tells that the session ended: where the server says so too, this one closes over what it shows. */
import { BY_ITSELF, call, Refused, Unreachable } from './api.js';

const AGAIN = 5000;
let later = 0;

/** Asks the server whether the session goes on: `refused` hears why not; without network it is asked again. `options` are call's. */
export async function askSession(refused, { headers = {}, ...options } = {}) {
  clearTimeout(later);
  try {
    await call('GET', '/api/v1/device-key', { headers: { ...BY_ITSELF, ...headers }, ...options });
  } catch (error) {
    if (error instanceof Unreachable) later = setTimeout(askSession, AGAIN, refused, { headers, ...options });
    else if (error instanceof Refused) await refused(error);
    else throw error;
  }
}

/** A locked session is asked for in place, one that ended leads to the sign-in page: the call itself sees to both. */
export const coverWhenEnded = () => askSession(() => {});

// Any other page is left (ended.js).
if (document.body.classList.contains('wizard')) new BroadcastChannel('dermavis-session').onmessage = coverWhenEnded;
