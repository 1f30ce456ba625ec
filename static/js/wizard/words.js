/** French words for dates, ages, telephones and sizes. A birth date is three numbers, never an instant. */

export const NB = '\u00a0';

const two = number => String(number).padStart(2, '0');

/** '1958-03-12' → '12/03/1958'. */
export const frenchDate = iso => (iso ? iso.split('-').reverse().join('/') : '');

/** Reads 12/03/1958, 12 3 1958, 12031958 or 1958-03-12; gives '1958-03-12' or ''. */
export function readDate(text) {
  const clean = text.normalize('NFKC').trim();
  const packed = /^(\d{2})(\d{2})(\d{4})$/.exec(clean);
  const parts = packed ? packed.slice(1) : clean.split(/[^\d]+/).filter(Boolean);
  if (parts.length !== 3) return '';
  return parts[0].length === 4 ? isoDate(parts[2], parts[1], parts[0]) : isoDate(...parts);
}

/** Three parts as typed → '1958-03-12', or '' when no such day exists. */
export function isoDate(day, month, year) {
  const [d, m, y] = [day, month, year].map(part => (/^\d+$/.test(String(part).trim()) ? Number(part) : 0));
  return y >= 1880 && y <= 2200 && m >= 1 && m <= 12 && d >= 1 && d <= daysIn(m, y) ? `${y}-${two(m)}-${two(d)}` : '';
}

const daysIn = (month, year) =>
  month === 2 ? (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

/** Today's date where the person stands, as '2026-11-25'. */
export const today = (now = new Date()) => `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;

/** Whole years between two dates given as text. */
export function years(birth, day = today()) {
  const [by, bm, bd] = birth.split('-').map(Number);
  const [y, m, d] = day.split('-').map(Number);
  return y - by - (m < bm || (m === bm && d < bd) ? 1 : 0);
}

/** '68 ans', '5 mois', '12 jours'. */
export function age(birth, day = today()) {
  if (!birth) return '';
  const whole = years(birth, day);
  if (whole >= 2) return `${whole}${NB}ans`;
  const [by, bm, bd] = birth.split('-').map(Number);
  const [y, m, d] = day.split('-').map(Number);
  const months = (y - by) * 12 + m - bm - (d < bd ? 1 : 0);
  if (months >= 1) return `${months}${NB}mois`;
  const days = Math.max(0, Math.round((Date.UTC(y, m - 1, d) - Date.UTC(by, bm - 1, bd)) / 864e5));
  return `${days}${NB}jour${days > 1 ? 's' : ''}`;
}

export const isMinor = birth => Boolean(birth) && years(birth) < 18;

/** 'M. Lucien Perrot' as the band says it: the used name when there is one. */
export function fullName(patient) {
  const title = isMinor(patient.birth_date) ? '' : { F: 'Mme ', M: 'M. ' }[patient.sex] ?? '';
  return `${title.replace(' ', NB)}${patient.first_name ?? ''} ${patient.used_name || patient.birth_name || ''}`.trim();
}

/** '0353010042' and '+33353010042' → '03 53 01 00 42'; other forms stay as they are. */
export const phoneWords = text => {
  const digits = (text ?? '').replace(/[^\d+]/g, '').replace(/^\+33(?=\d{9}$)/, '0');
  return /^0\d{9}$/.test(digits) ? digits.match(/\d\d/g).join(NB) : text ?? '';
};

export const phoneLink = text => `tel:${(text ?? '').replace(/[^\d+]/g, '')}`;

/** '9 h 18', on the person's own clock. */
export function hourWords(iso) {
  const at = new Date(iso);
  return `${at.getHours()}${NB}h${at.getMinutes() ? NB + two(at.getMinutes()) : ''}`;
}

/** '25 novembre à 9 h 18', or the hour alone when it is today. */
export function momentWords(iso) {
  const at = new Date(iso);
  if (today(at) === today()) return `à ${hourWords(iso)}`;
  return `le ${new Intl.DateTimeFormat('fr-FR', { day: 'numeric', month: 'long' }).format(at)} à ${hourWords(iso)}`;
}

/** Several words joined as French joins them. */
export const listWords = words => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} et ${words.at(-1)}`);

/** For comparing what was typed: no accents, no case, no hyphens or apostrophes. */
export const folded = text => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[\s\-‑'’.]+/g, ' ').toLowerCase().trim();
