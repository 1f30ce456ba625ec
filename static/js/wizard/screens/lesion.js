/** Where the lesion is, on a drawn body, and what it looks like under the finger. */
import { bodyMap } from '../body-map.js';
import { button, h, icon, renew } from '../dom.js';
import { chips, radios, segmented, textField, tick } from '../fields.js';
import { backButton, mainButton, tell } from '../frame.js';
import { placeOf, site, specialty } from '../specialty.js';

const SIDES = { left: 'Gauche', right: 'Droite', middle: 'Au milieu', both: 'Des deux côtés' };

export function lesion(w, number) {
  const at = Number(number) - 1;
  const one = w.content.lesions[at];
  const several = w.content.lesions.length > 1;
  const chosen = h('div', { class: 'stack', 'data-field': 'site', 'aria-live': 'polite' });
  let writing = Boolean(one.free_site);
  let zoom = specialty().site_zooms?.find(area => area.id === site(one.site)?.zoom)?.id ?? '';
  const near = h('div', { class: 'stack' });
  const map = bodyMap(one, (id, side) => set({ site: id, side, free_site: '' }));

  function set(values) {
    Object.assign(one, values);
    w.changed();
    again();
  }
  function again() {
    map.mark(one);
    renew(chosen, words(one, () => set({ site: '', side: 'none', free_site: '' })),
      site(one.site)?.face === 'detail' && site(one.site).sides?.length && sides());
    renew(near, zooms());
  }
  const sides = () => segmented({ id: 'side', legend: 'De quel côté\u00a0?', value: one.side,
    options: site(one.site).sides.map(id => ({ id, label: SIDES[id] })), onvalue: side => { set({ side }); document.getElementById(`side-${side}`)?.focus(); } });
  const zooms = () => [
    h('ul', { class: 'chips', 'aria-label': 'Petites zones, en grand' }, areas().map(area => h('li', {}, h('button', { type: 'button', class: 'chip',
      'aria-pressed': String(area.pressed), onclick: area.act }, area.label)))),
    zoom && radios({ id: 'zone', legend: specialty().site_zooms.find(area => area.id === zoom).label, two: true, value: one.site,
      options: details(zoom), onvalue: id => { set({ site: id, side: soleSide(id), free_site: '' }); document.getElementById(`zone-${id}`)?.focus(); } }),
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
    body: [map.drawing, chosen, near],
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
        return w.next();
      })],
  };
}

const details = zoom => specialty().body_sites.filter(place => place.face === 'detail' && (place.zoom ?? '') === zoom);

const soleSide = id => (site(id).sides?.length === 1 ? site(id).sides[0] : 'none');

function words(one, clear) {
  const place = placeOf(one);
  return h('p', { class: 'chosen' }, icon('map-pin'), h('span', { class: place ? '' : 'soft' }, place || 'Touchez le schéma'), place && clear && h('button', {
    type: 'button', class: 'button quiet square push', 'aria-label': `Retirer ${place}`, onclick: clear }, icon('x')));
}

export function description(w, number) {
  const at = Number(number) - 1;
  const one = w.content.lesions[at];
  const set = name => value => { one[name] = value; w.changed(); };
  const size = textField({ id: 'size_mm', label: 'Plus grande taille, en millimètres', inputmode: 'numeric', autocomplete: 'off', value: w.draft.local[`size-${one.id}`] ?? one.size_mm ?? '',
    placeholder: 'mm', class: 'input number', onvalue: value => {
      w.draft.local[`size-${one.id}`] = value;
      one.size_mm = readSize(value);
      w.changed();
    } });
  const { counts, palpations, elementary_lesions: elementary } = specialty();
  return {
    step: 2, title: 'Comment est-elle\u00a0?', lead: placeOf(one),
    body: [h('form', { class: 'stack looser', onsubmit: event => event.preventDefault() },
      counts?.length && segmented({ id: 'count', legend: 'Combien\u00a0?', options: counts, value: one.count, onvalue: set('count') }),
      size,
      tick({ id: 'pigmented', label: 'Lésion pigmentée', hint: 'Brune, noire ou bleue', checked: one.pigmented, onvalue: set('pigmented') }),
      palpations?.length && radios({ id: 'palpation', legend: 'Au toucher', two: true, options: palpations.map(({ id, label }) => ({ id, label })), value: one.palpation, onvalue: set('palpation') }),
      elementary?.length && chips({ id: 'elementary', legend: 'Ce que l’on voit', options: elementary, values: one.elementary, onvalues: set('elementary') }),
      h('hr'),
      h('div', { class: 'row' },
        button('Ajouter une autre lésion', { class: 'quiet', icon: 'plus', onclick: () => { w.addLesion(); w.go(`lesion/${w.content.lesions.length}`); } }),
        w.content.lesions.length > 1 && button('Retirer celle-ci', { class: 'quiet', icon: 'x', onclick: () => w.dropLesion(one) })))],
    dock: [backButton(w.back), mainButton('Continuer', () => {
      const typed = w.draft.local[`size-${one.id}`] ?? '';
      if (typed.trim() && !one.size_mm) return w.errors([{ id: 'size_mm', words: 'Écrivez la taille en millimètres, par exemple 12.' }]);
      return w.next();
    })],
  };
}

/** '12', '12 mm', '1,2 cm' → millimetres, or null. */
export function readSize(text) {
  const found = /^\s*(\d{1,4}(?:[.,]\d+)?)\s*(mm|cm)?\s*$/i.exec(text.normalize('NFKC'));
  if (!found) return null;
  const value = Math.round(Number(found[1].replace(',', '.')) * (found[2]?.toLowerCase() === 'cm' ? 10 : 1));
  return value >= 1 && value <= 2000 ? value : null;
}
