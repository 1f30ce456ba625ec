/** "Envoyer" was touched, or is taken back: kept with the draft, and told to the other tabs. */
import { mark } from './store.js';

/** An urgent request never waits in the queue of a phone: it is wanted as long as its page is there. */
export function want(draft) {
  if (draft.wanted || draft.receipt) return;
  draft.wanting = true;
  Object.assign(draft.local, { wanted: draft.content.urgency === 'urgent' ? 0 : Date.now(), trouble: '' });
  draft.keeping = draft.keepHere().then(kept => { if (draft.local.wanted) mark('outbox', true); return kept; });
  if (draft.local.wanted) navigator.serviceWorker?.ready.then(({ sync }) => sync?.register('outbox')).catch(() => {});
  if (draft.local.wanted) tellTabs(draft);
}

/** Not to leave after all: taken back, or refused with these words. */
export function unwant(draft, trouble = '') {
  if (draft.receipt) return;
  draft.wanting = false;
  Object.assign(draft.local, { wanted: 0, trouble });
  mark('here', true);
  draft.keeping = draft.keepHere();
  tellTabs(draft);
  draft.tell('wanted');
}

/** As it stands here: one of them may be all that is left when this tab is closed. */
function tellTabs({ tabs, local: { wanted, trouble }, revision, content, base, sent, dirty }) {
  tabs.postMessage({ kind: 'wanted', wanted, trouble, revision, content, base, sent, dirty });
}
