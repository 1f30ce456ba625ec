/** What was typed on this phone and is not in the request that left, from here before the answer came or from elsewhere: asked of the server, kept until it was read. */
import { call, Refused, Unreachable } from './api.js';
import { get } from './kept-records.js';
import { sealJson, unsealJson } from './key.js';
import { mark, put } from './store.js';

/** Nothing of a request is forgotten as long as this is true of what is kept of it. */
export const leavesSomethingOut = ({ receipt, local }) => Boolean(local?.unasked || receipt?.late?.length);

/** After a receipt: sending again tells where the two differ; without network another page asks. */
export async function tellLeftOut(draft) {
  if (leavesSomethingOut(draft)) mark('here', true);
  if (!draft.local.unasked) return;
  let late = [];
  try {
    await call('POST', `${draft.path}/send`, { body: { revision: draft.revision, content: draft.content }, quiet: true });
  } catch (error) {
    if (error instanceof Unreachable) return;
    if (!(error instanceof Refused)) throw error;
    if (error.code !== 'already_sent') return; // no answer to the question: asked again
    late = error.body.differences ?? [];
  }
  draft.local.unasked = false;
  await keepTold(draft, late);
  draft.tell('sent');
  dispatchEvent(new CustomEvent('dermavis:outbox', { detail: { id: draft.id, number: draft.receipt.number } }));
}

/** Something of a sent request that the server refused for good: told until it was read, from whatever page it left. */
export async function leaveOut(draft, row) {
  const record = await get('drafts', draft.id);
  if (!record || !draft.receipt) return;
  const kept = await unsealJson(record, `drafts:${draft.id}`);
  const late = [...(kept.receipt?.late ?? []), row];
  draft.receipt = { ...draft.receipt, late };
  await put('drafts', { ...record, ...(await sealJson({ ...kept, receipt: { ...kept.receipt, late } }, `drafts:${draft.id}`)) });
  mark('here', true);
  dispatchEvent(new CustomEvent('dermavis:outbox', { detail: { id: draft.id, number: draft.receipt.number } }));
}

/** Its writer has read it: what is kept of the request goes, once its pictures have left. */
export async function putAway(draft) {
  clearTimeout(draft.timer);
  await keepTold(draft, []);
}

async function keepTold(draft, late) {
  draft.receipt = { ...draft.receipt, late };
  draft.keeping = draft.keepHere();
  await draft.keeping;
  if (late.length) return;
  mark('pictures', true); // the queue forgets what has left
  const { emptyOutbox } = await import('./outbox.js');
  await emptyOutbox();
}
