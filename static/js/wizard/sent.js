/** A sent request and what other windows of this phone wrote of it: kept, and forgotten, without losing their words. */
import { get, remove } from './kept-records.js';
import { ownerId, unsealJson } from './key.js';
import { leavesSomethingOut, tellLeftOut } from './left-out.js';
import { memory, run } from './store.js';

/** Keeps a receipt, under what another window of this phone wrote last: that one may be gone before it hears of it. False where nothing is kept. */
export async function keepSent(draft) {
  const record = await get('drafts', draft.id);
  const written = record?.dirty && record.owner === ownerId() && record.at !== draft.at && await unsealJson(record, sealed(draft.id)).catch(() => null);
  if (written && !written.receipt) {
    Object.assign(draft, { content: written.content, sent: written.sent });
    draft.local.unasked = true;
  }
  const kept = await draft.keepHere();
  tellLeftOut(draft).catch(() => {});
  return kept;
}

const sealed = id => `drafts:${id}`;

/** Forgets a sent request, unless another window of this phone keeps words of it that nobody was told of. */
export async function forgetSent(id) {
  const record = await get('drafts', id);
  const kept = record && await unsealJson(record, sealed(id)).catch(() => null);
  if (kept && (!kept.receipt || leavesSomethingOut(kept))) return;
  const isSame = now => now?.at === record?.at;
  memory.drafts.delete(id);
  await run('readwrite', 'drafts', store => {
    const read = store.get(id);
    read.onsuccess = () => { if (isSame(read.result)) store.delete(id); };
    return read;
  }).catch(() => {});
  await remove('copies', id);
}
