/** What a view's screen is made of: the picture with its marks, and what became of it. */
import { h, icon } from '../dom.js';
import { isBad } from '../doubt.js';
import { view } from '../specialty.js';
import { stateWords } from '../transfer.js';
import { drawing } from '../views.js';

/** A button that is a file input: the label's words first, then the view and its state. */
export function fileButton(words, name, onfile, about, camera, look, small = false) {
  const input = h('input', { type: 'file', accept: 'image/*,.heic,.heif', capture: camera ? 'environment' : null, class: 'over-all', 'aria-label': `${words}, ${about}`, 'data-key': words,
    onchange: event => { const [file] = event.target.files; event.target.value = ''; onfile(file); } });
  return h('span', { class: `button ${look}` }, icon(name), small ? null : words, input);
}

export const frameOf = shown => h('div', { class: 'view-frame', 'aria-hidden': 'true' }, drawing(shown));

export function preview(w, picture) {
  const box = h('figure', { class: 'photo edge-to-edge' });
  const label = view(picture.view)?.label ?? '';
  w.pictures.source(picture, true).then(source => {
    if (source) showMarked(box, h('img', { src: source, alt: label }), marksOf(w, picture));
    else box.append(h('figcaption', { class: 'placeholder' }, icon(isBad(picture) ? 'image-off' : 'image'), h('span', {}, unseen(picture))));
  });
  return box;
}

export const marksOf = (w, { id }) => w.content.photos.find(entry => entry.id === id)?.marks ?? [];

async function showMarked(box, image, marks) {
  box.append(image);
  if (!marks.length) return;
  const [{ drawnOver }] = await Promise.all([import('../../marks.js'), image.decode().catch(() => {})]);
  if (image.naturalWidth) box.append(drawnOver(marks, image.naturalWidth, image.naturalHeight));
}

function unseen(picture) {
  if (isBad(picture)) return 'Photo illisible';
  if (picture.serverMakes) return 'Ce téléphone ne montre pas ce format\u00a0: le serveur la prépare.';
  return picture.elsewhere ? 'Photo prise sur un autre appareil' : 'Préparation de la photo…';
}

export const reproach = (picture, shown, ...ways) => h('div', { class: 'notice late' }, icon('octagon-alert'), h('strong', {}, 'Photo à reprendre'),
  h('p', { class: 'small' }, picture.message || `La vue ${shown.label} n’a pas pu être lue.`), h('div', { class: 'stack tight' }, ways));

export function status(w, picture) {
  const done = picture.state === 'verified';
  return h('p', { class: `tag ${done ? 'ok' : ''}` }, icon(done ? 'circle-check' : picture.state === 'waiting' && w.queue.line === 'down' ? 'wifi-off' : 'lock'), stateWords(picture, w.queue.line));
}

export const why = (shown, picture) => !picture && h('details', { class: 'why' }, h('summary', {}, 'Pourquoi cette vue\u00a0?'), h('p', { class: 'small' }, shown.why));
