/** Requests that only this phone holds, because the patient has not agreed yet or there was no network: on "Mes demandes". */
import { h, renew } from './dom.js';
import { openKey, ownerId, unsealJson } from './key.js';
import { all, mark } from './store.js';
import { fullName } from './words.js';

async function listHere() {
  const box = document.getElementById('local-drafts');
  if (!box) return;
  await openKey();
  const records = await all('drafts', record => record.owner === ownerId() && !record.revision);
  const rows = [];
  for (const record of records.sort((one, other) => other.at - one.at)) {
    const draft = await unsealJson(record, `drafts:${record.id}`).catch(() => null);
    if (draft && !draft.receipt) rows.push(row(record, draft.content.patient));
  }
  if (!rows.length) return void mark('here', false);
  box.hidden = false;
  box.parentElement.querySelector(':scope > .empty')?.remove(); // "Aucune demande" would be said above one
  renew(box, h('section', { class: 'stack edge-to-edge', 'aria-labelledby': 'here-title' },
    h('h2', { class: 'list-title', id: 'here-title' }, box.dataset.heading, ' ', h('span', { class: 'count' }, String(rows.length))),
    h('ul', { class: 'case-list' }, rows)));
}

const row = ({ id, at }, patient) => h('li', { class: 'case-row' },
  h('a', { href: `/requests/${id}`, translate: 'no' }, fullName(patient) || 'Demande commencée'),
  h('time', { datetime: new Date(at).toISOString() }, new Date(at).toLocaleString('fr', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).replace(':', '\u00a0h\u00a0')),
  h('p', {}, 'Brouillon, sur ce téléphone seulement'));

const act = () => listHere().catch(() => {}); // Signed out or no storage: the requests themselves are not lost.
act();
document.addEventListener('htmx:load', act);
