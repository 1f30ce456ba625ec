/** What the lesion looks like, and what the finger feels. */
import { h } from '../dom.js';
import { chips, radios, segmented, textField, tick } from '../fields.js';
import { backButton, mainButton } from '../frame.js';
import { goOn, lesionName, moreButton, removeButton } from '../lesions.js';
import { specialty } from '../specialty.js';

export function description(w, number) {
  const at = Number(number) - 1;
  const one = w.content.lesions[at];
  const set = name => value => { one[name] = value; w.changed(); };
  const size = textField({ id: 'size_mm', label: 'Plus grande taille, en millimètres', inputmode: 'numeric', autocomplete: 'off', value: w.draft.local[`size-${one.id}`] ?? one.size_mm ?? '',
    placeholder: 'mm', class: 'input number', onchange: event => { if (one.size_mm) event.target.value = one.size_mm; }, onvalue: value => {
      w.draft.local[`size-${one.id}`] = value;
      one.size_mm = readSize(value);
      w.changed();
    } });
  const { counts, palpations, elementary_lesions: elementary } = specialty();
  return {
    step: 2, title: 'Comment est-elle\u00a0?', lead: lesionName(w.content, one), place: w.content.lesions.length > 1 && `lésion ${number}`,
    body: [h('form', { class: 'stack looser', onsubmit: event => event.preventDefault() },
      counts?.length && segmented({ id: 'count', legend: 'Combien\u00a0?', options: counts, value: one.count, onvalue: set('count') }),
      size,
      tick({ id: 'pigmented', label: 'Lésion pigmentée', hint: 'Brune, noire ou bleue', checked: one.pigmented, onvalue: set('pigmented') }),
      palpations?.length && radios({ id: 'palpation', legend: 'Au toucher', two: true, options: palpations.map(({ id, label }) => ({ id, label })), value: one.palpation, onvalue: set('palpation') }),
      elementary?.length && h('details', { open: one.elementary.length > 0 }, h('summary', {}, 'Lésion élémentaire (facultatif)'), chips({ id: 'elementary', legend: 'Ce que l’on voit', options: elementary, values: one.elementary, onvalues: set('elementary') })),
      !specialty().uses_pictures && moreButton(w),
      removeButton(w, one))],
    dock: [backButton(w.back), mainButton('Continuer', () => {
      const typed = w.draft.local[`size-${one.id}`] ?? '';
      if (typed.trim() && !one.size_mm) return w.errors([{ id: 'size_mm', words: 'Écrivez la taille en millimètres, par exemple 12.' }]);
      return goOn(w, number);
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
