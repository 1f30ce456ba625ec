/** A device reported lost or stolen destroys its owner's drafts when it is heard of again: asked where a sign-in is asked. */
import { send, Unreachable } from './api.js';
import { all, remove } from './kept-records.js';
import { TABLES } from './store.js';

const PLACE = '/api/v1/device/orders';

export async function obeyOrders() {
  const kept = (await Promise.all(TABLES.filter(table => table !== 'keys').map(async table => (await all(table, () => true)).map(record => ({ table, ...record }))))).flat();
  if (!kept.length) return;
  try {
    const { destroy } = await send('GET', PLACE, { headers: { Accept: 'application/json' } }, { read: answer => answer.json() });
    if (!destroy?.length) return;
    for (const { table, id, owner } of kept) if (destroy.includes(owner)) await remove(table, id);
    await send('POST', PLACE, { headers: { Accept: 'application/json' } });
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error; // no network: the next page asks again
  }
}
