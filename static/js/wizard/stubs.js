/** Tells the server which requests only this phone holds, by their ids alone, so that it can remind their writer. */
import { BY_ITSELF, call, Refused, Unreachable } from './api.js';
import { changedAt } from './changed-at.js';
import { ownerId, unsealJson } from './key.js';
import { all } from './kept-records.js';
import { troubleNow } from './store.js';

const DEVICE = 'dermavis-device';
let told = '';

export async function tellStubs() {
  const records = await all('drafts', record => record.owner === ownerId() && !record.revision);
  const waiting = await Promise.all(records.map(async record => ({ id: record.id, at: changedAt(record, await unsealJson(record, `drafts:${record.id}`).catch(() => null)) })));
  if (troubleNow()) return;
  const ids = JSON.stringify(waiting.map(({ id, at }) => [id, at]));
  if (ids === told || (!records.length && !told && !localStorage.getItem(DEVICE))) return;
  const device = localStorage.getItem(DEVICE) ?? crypto.randomUUID();
  localStorage.setItem(DEVICE, device);
  // How long ago, not when: the clock of a phone may be wrong.
  const stubs = waiting.map(({ id, at }) => ({ id, idle_s: Math.max(0, Math.round((Date.now() - at) / 1000)) }));
  try {
    await call('PUT', '/api/v1/stubs', { body: { device, stubs }, headers: BY_ITSELF, quiet: true });
    told = ids;
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
  }
}
