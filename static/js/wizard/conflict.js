/** Somebody else changed the same draft: who, when, what differs, and a choice part by part. Both texts stay on this phone. */
import { button, h } from './dom.js';
import { sheet, tell } from './frame.js';
import { ownerId, sealJson } from './key.js';
import { put } from './store.js';

/** When the server holds what this phone sent (the answer was lost), the work goes on; otherwise the person chooses. */
export async function meet(draft, theirs) {
  if (draft.standing === 'conflict' || theirs.revision <= draft.revision) return; // being asked already, or settled
  if (recognise(draft, theirs)) return draft.later(0);
  draft.stands('conflict');
  draft.tell('conflict', theirs);
}

/** Whether the server's text is this phone's own, which then goes on from there. */
export function recognise(draft, theirs) {
  const ours = same(theirs.content, draft.content) || isOurs(theirs.content, draft.sent);
  if (ours) Object.assign(draft, { revision: theirs.revision, base: theirs.content });
  return ours;
}

export async function settleConflict(w, theirs) {
  const rows = theirs.differences ?? [];
  const mine = structuredClone(w.content);
  await put('copies', { id: w.draft.id, owner: ownerId(), at: Date.now(), ...(await sealJson({ mine, theirs: theirs.content }, `copies:${w.draft.id}`)) });
  const chosen = rows.length ? await ask(w, theirs, await Promise.all(rows.map(row => fieldOf(w, row, theirs)))) : [];
  const [content, other] = [w.content, structuredClone(theirs.content)];
  for (const [place, { path }] of rows.entries()) if (chosen[place] === 'theirs') take(content, other, path);
  content.patient.id ??= theirs.content.patient?.id ?? null;
  for (const photo of content.photos) photo.sha256 ??= at(theirs.content, ['photos', photo.id])?.sha256 ?? null;
  Object.assign(w.draft, { content, base: theirs.content, revision: theirs.revision, standing: 'idle' });
  w.draft.changed();
  await w.pictures?.load();
  w.enter(w.place, 'stay');
  w.queue?.kick();
  tell('Votre choix est gardé');
}

function ask(w, theirs, fields) {
  const choose = which => () => { for (const field of fields) field.querySelector(`[value=${which}]`).checked = true; };
  return sheet(close => [
    h('h2', { id: 'sheet-title' }, 'Deux textes de cette demande'),
    h('p', {}, theirs.message),
    h('p', { class: 'row' }, button('Tout le mien', { onclick: choose('mine') }), button('Tout l’autre', { onclick: choose('theirs') })),
    h('div', { class: 'fields close' }, fields),
    button('Continuer avec ces choix', { class: 'primary tall wide', onclick: () => close(fields.map(field => field.querySelector(':checked').value)) }),
  ]);
}

async function fieldOf(w, { path, label, mine, theirs, photo }, { content }) {
  const first = byDefault(w, path, content);
  const name = path.join('.');
  const option = (value, who, words, picture) => h('label', { class: 'choice' },
    h('input', { type: 'radio', name, value, checked: value === first }),
    h('span', {}, h('small', {}, who), picture && h('img', { src: picture, alt: '', width: '72', height: '96' }), h('span', { translate: 'no' }, words || (path.length > 1 && photo ? 'Sans' : '(vide)'))));
  const known = photo && w.pictures?.of(photo);
  return h('fieldset', { class: 'field' }, h('legend', {}, label), h('div', { class: 'choices two' },
    option('mine', 'Vous', mine, known && mine && await w.pictures.source(known)),
    option('theirs', 'L’autre', theirs, photo && theirs && `/cases/${w.draft.id}/photos/${photo}/thumb`)));
}

/** What only one side has is kept; what only the other changed is theirs; what was written here stays. */
function byDefault(w, path, theirs) {
  const [here, there, base] = [w.content, theirs, w.draft.base].map(content => at(content, path));
  if (LISTS.has(path[0]) && (!here || !there)) return here ? 'mine' : 'theirs';
  return w.draft.base && same({ part: here ?? null }, { part: base ?? null }) ? 'theirs' : 'mine';
}

const LISTS = new Set(['lesions', 'photos']);

const at = (content, [part, key]) => (key === undefined ? content?.[part] : LISTS.has(part) ? content?.[part]?.find(item => item.id === key) : content?.[part]?.[key]);

function take(content, theirs, path) {
  const [part, key] = path;
  const value = at(theirs, path);
  if (LISTS.has(part)) {
    const place = content[part].findIndex(item => item.id === key);
    content[part].splice(place < 0 ? content[part].length : place, place < 0 ? 0 : 1, ...(value ? [value] : []));
  } else if (key === undefined) content[part] = value;
  else if (value === undefined) delete content[part][key];
  else content[part][key] = value;
  if (key === 'treating_doctor') content.patient.treating_doctor_id = theirs.patient?.treating_doctor_id ?? null; // chosen with these words
}

/**
 * Whether it is one that this phone wrote and heard no answer to: by the mark of its last change. Older releases kept
 * the instant of each sending, and before that the last text itself.
 */
const isOurs = ({ device, ...theirs }, sent) => sent.some(one => (typeof one === 'number' ? [device?.mark, Date.parse(device?.time)].includes(one) : same(theirs, one)));

/** Whether two texts say the same, however the server wrote its own. */
const same = (one, other) => Boolean(one && other) && JSON.stringify(plain(one)) === JSON.stringify(plain(other));

/** Written by the server in its own form: the phone's clock, and numbers that it may have normalised. */
const FORMS = new Set(['device', 'phone', 'postcode', 'ins', 'format']);

/** A content apart from order, blanks and the ways of writing an instant or a number. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : value.normalize().replace(/\s+/g, ' ').trim();
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).filter(key => !FORMS.has(key)).sort().map(key => [key, plain(value[key])]));
}
