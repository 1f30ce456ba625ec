/** What was typed on this phone and is not in the request that left, from here before the answer came or from elsewhere: asked of the server, kept until it was read. */
import { call, Refused, Unreachable } from './api.js';
import { mark } from './store.js';

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
    if (error instanceof Unreachable || error.status === 401) return;
    if (!(error instanceof Refused)) throw error;
    late = error.body.differences ?? [];
  }
  draft.local.unasked = false;
  await keepTold(draft, late);
  draft.tell('sent');
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
