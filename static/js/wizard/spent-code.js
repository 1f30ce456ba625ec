/** Five wrong codes: a session that is open on this phone asks for the password before it gives the key of its drafts. */
import { call, Refused } from './api.js';
import { get, remove } from './kept-records.js';
import { mark } from './store.js';

const PLACE = 'code';

/** Told once, as soon as the server is there. Throws Unreachable. */
export async function tellSpent() {
  const { spent, person } = (await get('keys', PLACE)) ?? {};
  if (spent && person !== (document.body.dataset.person ?? person)) return;
  mark('spent', false);
  if (!spent) return;
  await call('POST', '/api/v1/device-code/spent', { quiet: true }).catch(error => {
    if (error instanceof Refused) return; // locked already, or signed out
    mark('spent', true);
    throw error;
  });
  await remove('keys', PLACE);
}
