/** Where the lesion is: on a drawn body, by a small zone shown in large, or in words. */
import { placeOf } from '../answer-words.js';
import { bodyMap } from '../body-map.js';
import { h, icon, renew } from '../dom.js';
import { radios, segmented, textField } from '../fields.js';
import { backButton, mainButton, tell } from '../frame.js';
import { goOn, numberOf, removeButton } from '../lesions.js';
import { site, specialty } from '../specialty.js';

const SIDES = { left: 'Gauche', right: 'Droite', middle: 'Au milieu', both: 'Des deux côtés' };

export function lesion(w, number) {
  const at = Number(number) - 1;
  const one = w.content.lesions[at];
  const several = w.content.lesions.length > 1;
  const chosen = h('div', { class: 'stack', 'data-field': 'site', 'aria-live': 'polite' });
  let writing = Boolean(one.free_site);
  let zoom = specialty().site_zooms?.find(area => area.id === site(one.site)?.zoom)?.id ?? '';
  const near = h('div', { class: 'stack' });
  const large = h('div', {});
  const map = bodyMap(one, othersOf(w.content, one), (id, side) => set({ site: id, side, free_site: '' }));

  function set(values) {
    Object.assign(one, values);
    w.changed();
    again();
  }
  function again() {
    const pressed = near.contains(document.activeElement) ? document.activeElement.textContent : '';
    map.mark(one);
    renew(chosen, words(one, () => set({ site: '', side: 'none', free_site: '' })),
      site(one.site)?.face === 'detail' && site(one.site).sides?.length && sides());
    renew(large, zoom ? radios({ id: 'zone', legend: specialty().site_zooms.find(area => area.id === zoom).label, two: true, value: one.site,
      options: details(zoom), onvalue: id => { set({ site: id, side: soleSide(id), free_site: '' }); document.getElementById(`zone-${id}`)?.focus(); } }) : map.drawing);
    renew(near, zooms());
    if (pressed) [...near.querySelectorAll('.chip')].find(chip => chip.textContent === pressed)?.focus();
  }
  const sides = () => segmented({ id: 'side', legend: 'De quel côté\u00a0?', value: one.side,
    options: site(one.site).sides.map(id => ({ id, label: SIDES[id] })), onvalue: side => { set({ side }); document.getElementById(`side-${side}`)?.focus(); } });
  const zooms = () => [
    h('ul', { class: 'chips', 'aria-label': 'Petites zones, en grand' }, areas().map(area => h('li', {}, h('button', { type: 'button', class: 'chip',
      'aria-pressed': String(area.pressed), onclick: area.act }, area.label)))),
    writing && textField({ id: 'free_site', label: 'Écrire le siège', value: one.free_site, hint: 'Par exemple «\u00a0pli inguinal gauche\u00a0».',
      onvalue: value => { Object.assign(one, { free_site: value, site: '', side: 'none' }); w.changed(); map.mark(one); renew(chosen, words(one)); } }),
  ];
  const areas = () => [
    ...(specialty().site_zooms ?? []).map(area => ({ label: area.label, pressed: zoom === area.id, act: () => { zoom = zoom === area.id ? '' : area.id; again(); } })),
    ...details('').map(({ id, label }) => ({ label, pressed: one.site === id, act: () => set({ site: id, side: soleSide(id), free_site: '' }) })),
  ];
  again();
  return {
    step: 2, title: several ? `Où est la lésion ${at + 1}\u00a0?` : 'Où est la lésion\u00a0?',
    place: several && `lésion ${number}`,
    body: [large, chosen, near, removeButton(w, one)],
    dock: [backButton(w.back),
      h('button', { type: 'button', class: 'button square tall', 'aria-label': 'Écrire le siège', 'aria-pressed': String(writing), onclick: () => {
        writing = !writing;
        again();
        document.getElementById('free_site')?.focus();
      } }, icon('keyboard')),
      mainButton('Continuer', () => {
        const place = site(one.site);
        if (!place && !one.free_site?.trim()) return w.errors([{ id: 'site', words: 'Touchez l’endroit de la lésion, ou écrivez-le.' }]);
        if (place?.sides?.length && !place.sides.includes(one.side)) return w.errors([{ id: 'side', words: 'Dites de quel côté est la lésion.' }]);
        tell(placeOf(one));
        return goOn(w, number);
      })],
  };
}

/** Where the other lesions are: shown on the body, so that none is shown twice. */
const othersOf = (content, one) => content.lesions.filter(other => other !== one && other.site)
  .map(other => ({ ...other, number: numberOf(content, other) }));

const details = zoom => specialty().body_sites.filter(place => place.face === 'detail' && (place.zoom ?? '') === zoom);

const soleSide = id => (site(id).sides?.length === 1 ? site(id).sides[0] : 'none');

function words(one, clear) {
  const place = placeOf(one);
  return h('p', { class: 'chosen' }, icon('map-pin'), h('span', { class: place ? '' : 'soft' }, place || 'Touchez le schéma'), place && clear && h('button', {
    type: 'button', class: 'button quiet square push', 'aria-label': `Retirer ${place}`, onclick: clear }, icon('x')));
}
