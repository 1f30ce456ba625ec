/** Requests that only this phone holds, because the patient has not agreed yet or there was no network, and those that wait to leave. */
import { h, renew } from './dom.js';
import { all } from './kept-records.js';
import { openKey, ownerId, unsealJson } from './key.js';
import { mark, troubleNow } from './store.js';
import { tellStubs } from './stubs.js';
import { fullName } from './words.js';

async function listHere() {
  const box = document.getElementById('local-drafts');
  if (!box) return;
  await openKey();
  const records = await all('drafts', record => record.owner === ownerId());
  tellStubs();
  const rows = [];
  let [only, closed] = [0, 0];
  for (const record of records.sort((one, other) => other.at - one.at)) {
    const draft = await unsealJson(record, `drafts:${record.id}`).catch(() => null);
    if (!draft) closed += 1;
    if (!draft || draft.receipt) continue;
    if (!record.revision || draft.local?.trouble) only += 1;
    if (!record.revision || record.wanted || draft.local?.trouble || !navigator.onLine || isOffline) rows.push(row(record, draft));
  }
  if (!only && !troubleNow() && !(await all('drafts', record => record.owner !== ownerId())).length) mark('here', false);
  const unread = Boolean(troubleNow()) && !rows.length;
  box.hidden = !rows.length && !closed && !unread;
  if (box.hidden) return;
  box.parentElement.querySelector(':scope > .empty')?.remove(); // "Aucune demande" would be said above one
  renew(box, h('section', { class: 'stack edge-to-edge', 'aria-labelledby': 'here-title' },
    h('h2', { class: 'list-title', id: 'here-title' }, box.dataset.heading, ' ', h('span', { class: 'count' }, String(rows.length))),
    h('ul', { class: 'case-list' }, rows),
    unread && h('p', { class: 'small' }, 'La mémoire de ce navigateur ne répond pas\u00a0: fermez les autres pages de DermAvis, puis rechargez celle-ci. Ce qui est gardé ici n’est pas perdu.'),
    closed > 0 && h('p', { class: 'small' }, closed > 1 ? `${closed} demandes gardées ici ne s’ouvrent plus\u00a0: leur clé n’est pas celle de cette session.` : 'Une demande gardée ici ne s’ouvre plus\u00a0: sa clé n’est pas celle de cette session.')));
}

/** The page that stands in for all others without network. */
const isOffline = Boolean(document.querySelector('[data-without-network]'));

/** What waits here for longer than this is said so. */
const LONG = 3 * 24 * 3600e3;

/** [words, whether they press] */
function standing({ at, wanted }, trouble) {
  if (wanted) return ['Prête, part dès que le réseau revient', false];
  if (trouble) return [`À reprendre\u00a0: ${trouble}`, true];
  const waited = Date.now() - at;
  if (waited <= LONG) return ['Brouillon, sur cet appareil', false];
  return [`Brouillon sur cet appareil depuis ${Math.floor(waited / 864e5)}\u00a0jours\u00a0: à envoyer ou à supprimer`, true];
}

const row = (record, { content: { patient }, local }) => h('li', { class: 'case-row' },
  h('a', { href: `/requests/${record.id}`, translate: 'no' }, fullName(patient) || 'Demande commencée'),
  h('time', { datetime: new Date(record.at).toISOString() }, new Date(record.at).toLocaleString('fr', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).replace(':', '\u00a0h\u00a0')),
  told(standing(record, local?.trouble)));

const told = ([words, presses]) => h('p', { class: presses ? 'late' : null }, words);

const act = () => listHere().catch(() => {}); // Signed out or no storage: the requests themselves are not lost.
act();
document.addEventListener('htmx:load', act);
addEventListener('dermavis:outbox', act);
