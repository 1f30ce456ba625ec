/** Another page tells that the session ended: where the server says so too, this one closes over what it shows. */
import { BY_ITSELF, call, Refused, Unreachable } from './api.js';

const AGAIN = 5000;
let later = 0;

/** A locked session is asked for in place, one that ended leads to the sign-in page. */
export async function coverWhenEnded() {
  clearTimeout(later);
  await call('GET', '/api/v1/device-key', { headers: BY_ITSELF }).catch(error => {
    if (error instanceof Unreachable) later = setTimeout(coverWhenEnded, AGAIN);
    else if (!(error instanceof Refused)) throw error;
  });
}

// Any other page is left (ended.js).
if (document.body.classList.contains('wizard')) new BroadcastChannel('dermavis-session').onmessage = coverWhenEnded;
