/** A sent request and what other windows of this phone wrote of it: kept, and forgotten, without losing their words. */
import { get, remove } from './kept-records.js';
import { ownerId, unsealJson } from './key.js';
import { leavesSomethingOut, tellLeftOut } from './left-out.js';
import { memory, run } from './store.js';

/**
 * Keeps a receipt, under what another window of this phone wrote last: that one may be gone before it hears of it, or before
 * it has asked. A window that only heard of the receipt, and wrote nothing, leaves the record alone. False where nothing is kept.
 */
export async function keepSent(draft, aloud) {
  if (!aloud && draft.copied) return true;
  const record = await get('drafts', draft.id);
  const isOthers = record?.owner === ownerId() && record.at !== draft.at;
  const written = isOthers && await unsealJson(record, sealed(draft.id)).catch(() => null);
  if (written && !leavesSomethingOut(draft) && (written.receipt ? leavesSomethingOut(written) : record.dirty)) {
    Object.assign(draft, { content: written.content, sent: written.sent, receipt: { ...draft.receipt, late: written.receipt?.late } });
    draft.local.unasked = !written.receipt || Boolean(written.local.unasked);
  }
  const kept = await draft.keepHere();
  tellLeftOut(draft).catch(() => {});
  return kept;
}

const sealed = id => `drafts:${id}`;

/** Forgets a sent request, unless another window of this phone keeps words of it that nobody was told of, or it cannot be read now. */
export async function forgetSent(id) {
  const record = await get('drafts', id);
  const kept = record && await unsealJson(record, sealed(id)).catch(() => null);
  if (record && (!kept?.receipt || leavesSomethingOut(kept))) return;
  const isSame = now => now?.at === record?.at;
  memory.drafts.delete(id);
  await run('readwrite', 'drafts', store => {
    const read = store.get(id);
    read.onsuccess = () => { if (isSame(read.result)) store.delete(id); };
    return read;
  }).catch(() => {});
  await remove('copies', id);
}
