/** Several lesions of one request: added once the views of the last are there, named by number and place, taken out on purpose. */
import { lowered, placeOf } from './answer-words.js';
import { button, h } from './dom.js';
import { way } from './flow.js';
import { mainButton, sheet, tell } from './frame.js';
import { requiredViews, site, specialty } from './specialty.js';

export function addLesion(w) {
  const lesion = { id: crypto.randomUUID(), site: '', side: 'none', free_site: '', count: 'single', size_mm: null, palpation: '', elementary: [], pigmented: w.content.motive === 'pigmented' };
  w.content.lesions.push(lesion);
  w.changed();
  return lesion;
}

/** 'Lésion 2'; nothing where there is only one, or for a picture of none. */
export const lesionLabel = (content, lesion) => (content.lesions.length > 1 && lesion ? `Lésion\u00a0${numberOf(content, lesion)}` : '');

/** 'Lésion 2\u00a0: haut du dos à gauche'; the place alone where there is only one. */
export function lesionName(content, lesion) {
  const label = lesionLabel(content, lesion);
  return label ? [label, lowered(placeOf(lesion))].filter(Boolean).join('\u00a0: ') : placeOf(lesion);
}

export const numberOf = (content, lesion) => content.lesions.indexOf(lesion) + 1;

/** Whether every view asked of this lesion was taken or passed. */
export const isPhotographed = (content, lesion) => requiredViews(content, lesion).every(id =>
  content.photos.some(entry => entry.view === id && [lesion?.id, null, undefined].includes(entry.lesion)));

/** Offers one more lesion; nothing once there are as many as the specialty's file allows. `back`: then to the review again. */
export function moreButton(w, back = false) {
  if (!specialty().uses_lesions || w.content.lesions.length >= specialty().most_lesions) return null;
  return button('Ajouter une autre lésion', { class: 'wide', icon: 'plus', onclick: () => {
    const { id } = addLesion(w);
    w.draft.local.adding = back ? id : null;
    w.go(`lesion/${w.content.lesions.length}`);
  } });
}

/** The next screen; for a lesion that was added at the review, its next one, and then the review again. */
export function goOn(w, number) {
  const { adding } = w.draft.local;
  if (!adding || w.content.lesions[number - 1]?.id !== adding) return w.next();
  const all = way(w.content);
  // A view that is not asked for stands after those that are.
  const here = all.includes(w.place) ? all.indexOf(w.place) : all.findLastIndex(place => place.startsWith(`photo/${number}/`));
  const next = all.slice(here + 1).find(place => lesionIn(place) === Number(number));
  if (!next) w.draft.local.adding = null;
  return w.go(next ?? 'relecture');
}

/** The number of the lesion that a screen of the way is about. */
const lesionIn = place => {
  const [kind, one, other] = place.split('/');
  return Number(kind === 'histoire' ? other : one);
};

export function removeButton(w, lesion) {
  return w.content.lesions.length > 1 && button('Retirer cette lésion', { class: 'quiet', icon: 'trash-2', onclick: async () => {
    if (await isSure(w, lesion)) await dropLesion(w, lesion);
  } });
}

function isSure(w, lesion) {
  const taken = w.content.photos.filter(entry => entry.lesion === lesion.id && !entry.skipped).length;
  const photos = taken > 1 ? `, avec ses ${taken} photos` : taken ? ', avec sa photo' : '';
  return sheet(close => [
    h('h2', { id: 'sheet-title' }, `Retirer la ${lowered(lesionName(w.content, lesion))}\u00a0?`),
    h('p', {}, `Ce qui la décrit sera effacé${photos}. Rien n’est encore envoyé.`),
    mainButton('Garder la lésion', () => close(false), { class: 'primary tall wide' }),
    button('Retirer', { class: 'tall wide', icon: 'trash-2', onclick: () => close(true) }),
  ], { escape: false });
}

/** The lesion and its pictures leave; the next one takes its number. */
async function dropLesion(w, lesion) {
  const { content } = w;
  const number = numberOf(content, lesion);
  for (const picture of [...w.pictures.list]) if (picture.lesion === lesion.id) await w.pictures.drop(picture.id);
  content.photos = content.photos.filter(entry => entry.lesion !== lesion.id);
  content.lesions = content.lesions.filter(other => other !== lesion);
  if (number === 1) inherit(w);
  if (w.draft.local.adding === lesion.id) w.draft.local.adding = null;
  w.changed();
  tell(`Lésion ${number} retirée`);
  w.go(history.state?.from ?? `description/${Math.max(1, number - 1)}`);
}

/** What is asked of each lesion is answered by the request for the first: the one that takes this place brings its answers. */
function inherit({ content, draft }) {
  const [first] = content.lesions;
  for (const { id } of specialty().questions.filter(item => item.per_lesion)) {
    delete content.history[id];
    if (first.history?.[id]) content.history[id] = first.history[id];
    draft.local[id] = draft.local[`${id}-${first.id}`];
  }
  delete first.history;
}

export const isSensitive = content => content.lesions.some(lesion => site(lesion.site)?.sensitive);
