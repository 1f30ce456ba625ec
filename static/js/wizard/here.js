/** Requests that only this phone holds, because the patient has not agreed yet or there was no network, and those that wait to leave. */
import { alone } from './alone.js';
import { changedAt } from './changed-at.js';
import { button, h, notice, renew, useSprite } from './dom.js';
import { askOfCopies, onlyHere } from './elsewhere.js';
import { reopen } from './kept-draft.js';
import { all } from './kept-records.js';
import { openKey, ownerId, unsealJson } from './key.js';
import { leavingWords } from './leaving.js';
import { leavesSomethingOut, putAway } from './left-out.js';
import { mark, troubleNow } from './store.js';
import { tellStubs } from './stubs.js';
import { fullName } from './words.js';

async function listHere() {
  const box = document.getElementById('local-drafts');
  if (!box) return [];
  useSprite(box.dataset.sprite);
  await openKey();
  const records = await all('drafts', record => record.owner === ownerId());
  tellStubs();
  const rows = [];
  const closed = [];
  for (const record of records.sort((one, other) => other.at - one.at)) {
    const draft = await unsealJson(record, `drafts:${record.id}`).catch(() => null);
    if (!draft) closed.push(record.id);
    if (draft && leavesSomethingOut(draft)) {
      if (draft.local.unasked) askOfSent(record.id);
      if (draft.receipt.late) rows.push(leftOut(record, draft));
    }
    if (!draft || draft.receipt) continue;
    if (record.dirty && record.revision && !record.wanted) askOfSent(record.id);
    if (onlyHere(record.id)) rows.push(lastCopy(record, draft));
    else if (!record.revision || record.wanted || draft.local?.trouble || !navigator.onLine || isOffline) rows.push(row(record, draft));
  }
  if (!troubleNow() && !(await all('drafts', () => true)).length) mark('here', false);
  const unread = Boolean(troubleNow()) && !rows.length;
  box.hidden = !rows.length && !closed.length && !unread;
  if (box.hidden) return records;
  box.parentElement.querySelector(':scope > .empty')?.remove(); // "Aucune demande" would be said above one
  renew(box, h('section', { class: 'stack edge-to-edge', 'aria-labelledby': 'here-title' },
    h('h2', { class: 'list-title', id: 'here-title' }, box.dataset.heading, rows.length > 0 && [' ', h('span', { class: 'count' }, String(rows.length))]),
    rows.length > 0 && h('ul', { class: 'case-list' }, rows),
    unread && h('p', { class: 'small' }, 'La mémoire de ce navigateur ne répond pas\u00a0: fermez les autres pages de DermAvis, puis rechargez celle-ci. Ce qui est gardé ici n’est pas perdu.'),
    closed.length > 0 && notice('warn', ...closedWords(closed.length),
      button(closed.length > 1 ? 'Les supprimer de cet appareil' : 'La supprimer de cet appareil', { class: 'slim', icon: 'trash-2', onclick: () => discard(closed) }))));
  return records;
}

const closedWords = number => (number > 1
  ? [`${number} demandes gardées ici ne s’ouvrent plus`, 'Leur clé n’est pas celle de cette session.']
  : ['Une demande gardée ici ne s’ouvre plus', 'Sa clé n’est pas celle de cette session.']);

const discard = async ids => await (await import('./discard-closed.js')).discardClosed(ids) && listHere();

/** A request that was changed here after « Envoyer » may have left without the change: the server says so. */
function askOfSent(id) {
  if (asked.has(id) || isOffline) return;
  asked.set(id, alone(`dermavis-draft-${id}`, async () => {
    const draft = await reopen(id, {});
    clearTimeout(draft?.timer); // only asked: what is changed leaves from its own page
    await draft?.keeping;
  }).catch(() => {}));
}

const asked = new Map();

/** What was typed and is not in the request that left, until its writer has read it. */
const leftOut = (record, { receipt, content: { patient } }) => h('li', {}, notice('warn', `${receipt.number}\u00a0: ${receipt.late.some(row => row.whole) ? 'partie sans une photo de cet appareil' : receipt.late.every(row => row.picture) ? 'partie sans une photo en plein format' : 'partie sans vos derniers changements'}`, '',
  h('p', { translate: 'no' }, fullName(patient)),
  receipt.late.map(({ label, mine }) => h('p', { class: 'small' }, label, '\u00a0: ', h('span', { translate: 'no' }, mine || '(effacé)'))),
  h('p', {}, h('a', { href: `/cases/${record.id}/completion` }, 'Compléter la demande')),
  button('Ne plus montrer', { class: 'slim', onclick: async () => { await putAway(await reopen(record.id, {})); await listHere(); } })));

/** The server has it no more, and some of it never left: its writer says that it may go. */
const lastCopy = ({ id }, { content: { patient } }) => h('li', {}, notice('warn', 'Supprimée ailleurs, ou arrivée à son terme', '',
  h('p', { translate: 'no' }, fullName(patient) || 'Demande commencée'),
  lastWords(onlyHere(id)).map(words => h('p', {}, words)),
  button('La supprimer de cet appareil', { class: 'slim', icon: 'trash-2', onclick: () => discard([id]) })));

const lastWords = ({ words, pictures }) => [
  words && 'Vos derniers changements ne sont que sur cet appareil, et ne partiront plus.',
  pictures > 1 && `${pictures}\u00a0photos ne sont que sur cet appareil, et ne partiront plus.`,
  pictures === 1 && 'Une photo n’est que sur cet appareil, et ne partira plus.',
].filter(Boolean);

/** The page that stands in for all others without network. */
const isOffline = Boolean(document.querySelector('[data-without-network]'));

/** Days; what waits here for longer is said so. */
const LONG = 3;

/** [words, whether they press] */
function standing({ id, wanted }, at, local) {
  const days = Math.floor((Date.now() - (wanted && local.wanted || at)) / 864e5);
  if (wanted && leavingWords(id)) return [leavingWords(id), false];
  if (wanted && days >= LONG) return [`Prête depuis ${days}\u00a0jours, pas encore partie\u00a0: gardez DermAvis ouvert là où il y a du réseau`, true];
  if (wanted) return ['Prête, part dès que le réseau revient', false];
  if (local?.trouble) return [`À reprendre\u00a0: ${local.trouble}`, true];
  if (days < LONG) return ['Brouillon, sur cet appareil', false];
  return [`Brouillon sur cet appareil depuis ${days}\u00a0jours\u00a0: à envoyer ou à supprimer`, true];
}

function row(record, draft) {
  const at = changedAt(record, draft);
  return h('li', { class: 'case-row' },
    h('a', { href: `/requests/${record.id}`, translate: 'no' }, fullName(draft.content.patient) || 'Demande commencée'),
    h('time', { datetime: new Date(at).toISOString() }, new Date(at).toLocaleString('fr', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).replace(':', '\u00a0h\u00a0')),
    told(record, standing(record, at, draft.local)));
}

const told = ({ id }, [words, presses]) => h('p', { class: presses ? 'late' : null, 'data-leaving': id }, words);

/** The line alone changes: a list drawn anew at each percent would take the focus away. */
function tellLeaving({ detail: { id } }) {
  const [line] = document.querySelectorAll(`[data-leaving="${id}"]`);
  if (!line) return;
  const words = leavingWords(id);
  if (!words) return void act();
  line.textContent = words;
  return undefined;
}

const act = () => listHere().then(async records => (await Promise.all(asked.values())) && !isOffline && askOfCopies(records)).then(changed => changed && listHere()).catch(() => {}); // Signed out or no storage: the requests themselves are not lost.
act();
document.addEventListener('htmx:load', act);
addEventListener('dermavis:outbox', act);
addEventListener('dermavis:leaving', tellLeaving);
