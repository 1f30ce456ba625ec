/** What was answered, in words, as the review and the expert read it. */
import { named, site, specialty } from './specialty.js';

/** What the answer denies, as a noun ('saignement'); empty when it denies nothing. */
export const denied = (item, { status, value }) =>
  (status === 'none' || (status === 'answered' && item.kind === 'yes_no' && value === false) ? item.negative ?? '' : '');

/** A given answer in words, for the review; what it denies is said apart. */
export function answerWords(item, answer) {
  if (answer.status !== 'answered') return '';
  if (item.kind === 'yes_no') return answer.value ? item.positive : '';
  const values = [answer.value].flat().map(value => {
    if (item.kind === 'duration') return durationWords(value);
    const option = named(item.options, value);
    return option ? option.phrase || option.label : item.kind === 'number' ? String(value).replace('.', ',') : value;
  });
  const said = (item.phrase || '{}').replace('{}', values.join(', '));
  // Too short to be understood alone: "Phototype I".
  return said.length <= 3 ? `${item.short_label} ${said}` : said;
}

/** {unit: 'years', count: 3} → '3 ans'; without a count 'des années'. */
function durationWords({ unit, count }) {
  const words = (named(specialty().durations, unit)?.label ?? '').toLowerCase();
  if (unit === 'always') return words;
  if (!count) return `des ${words}`;
  const counted = { years: 'ans' }[unit] ?? words;
  return `${count}\u00a0${count === 1 && unit !== 'months' ? counted.slice(0, -1) : counted}`;
}

/** A label inside a sentence. */
export const lowered = text => text.charAt(0).toLowerCase() + text.slice(1);

/** 'Haut du dos à droite' for the review and the pictures. */
export function placeOf(lesion) {
  if (lesion.free_site) return lesion.free_site;
  const place = site(lesion.site);
  if (!place) return '';
  const sides = { left: { m: 'gauche', f: 'gauche', '': 'à gauche' }, right: { m: 'droit', f: 'droite', '': 'à droite' },
    middle: { m: 'au milieu', f: 'au milieu', '': 'au milieu' }, both: { m: 'des deux côtés', f: 'des deux côtés', '': 'des deux côtés' } };
  const side = sides[lesion.side]?.[place.agrees ?? ''];
  return side ? `${place.label} ${side}` : place.label;
}
