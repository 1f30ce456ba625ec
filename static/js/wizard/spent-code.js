/** Five wrong codes: a session that is open on this phone asks for the password before it gives the key of its drafts. */
import { call, Refused } from './api.js';
import { get, remove } from './kept-records.js';

const PLACE = 'code';

/** Told once, as soon as the server is there. Throws Unreachable. */
export async function tellSpent() {
  const { spent, person } = (await get('keys', PLACE)) ?? {};
  if (!spent || person !== (document.body.dataset.person ?? person)) return;
  await call('POST', '/api/v1/device-code/spent', { quiet: true }).catch(error => {
    if (!(error instanceof Refused)) throw error; // locked already, or signed out
  });
  await remove('keys', PLACE);
}
