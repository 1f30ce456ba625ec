/** Who is the patient: one of the site's, found by a search, or a new one; a known adult's consent is ticked here. */
import { call, Refused, Unreachable } from '../api.js';
import { button, h, icon, renew } from '../dom.js';
import { backButton, band, mainButton, sheet, tell } from '../frame.js';
import { needsConsentScreen } from '../flow.js';
import { age, folded, frenchDate, fullName, isMinor, readDate } from '../words.js';
import { giveConsent } from './consent.js';

const PAUSE = 250;
export const TRAITS = ['id', 'birth_name', 'used_name', 'first_name', 'given_names', 'birth_date', 'sex', 'birthplace_insee', 'ins', 'ins_oid', 'phone',
  'address', 'postcode', 'commune', 'place_of_stay', 'treating_doctor', 'treating_doctor_id', 'treating_doctor_refused', 'representative', 'identity_status', 'document'];

export function patient(w) {
  const list = h('div', { class: 'stack loose' });
  const dock = h('div', { class: 'stack' });
  const search = finder(w, list, dock);
  search.show('');
  renewConsent(w, dock);
  return {
    step: 1, title: 'Qui est le patient\u00a0?', over: dock,
    body: [
      h('div', { class: 'stack tight' }, button('Scanner le code INS', { class: 'tall wide', icon: 'scan-line', onclick: () => scan(w) }),
        h('p', { class: 'hint small' }, 'Le carré de points d’une ordonnance ou d’un compte rendu')),
      button('Nouveau patient', { class: 'tall wide', icon: 'plus', onclick: () => startNew(w, search.text()) }),
      search.field,
      list,
    ],
    dock: [backButton(w.back), mainButton('Continuer', () => goOn(w))],
  };
}

function scan(w) {
  return import('../scan.js').then(({ scanIdentity }) => scanIdentity(w), () => w.notice('warn', 'Pas de réseau pour le scan', 'Saisissez l’identité à la main\u00a0: le code pourra être lu plus tard.', 'scan'));
}

function finder(w, list, dock) {
  let typed = '';
  let timer = 0;
  const input = h('input', { class: 'input', id: 'patient-search', type: 'search', autocomplete: 'off', enterkeyhint: 'search',
    placeholder: 'Nom ou date de naissance', oninput: event => {
      typed = event.target.value;
      clearTimeout(timer);
      timer = setTimeout(() => show(typed), PAUSE);
    } });
  async function show(text) {
    const found = await lookFor(text);
    if (text !== typed) return;
    const draw = () => renew(list, results(w, found, text, dock, draw));
    draw();
    if (text) tell(found.people?.length ? `${found.people.length} patient${found.people.length > 1 ? 's' : ''}` : 'Aucun patient trouvé');
  }
  const field = h('div', { class: 'field', 'data-field': 'patient' }, h('label', { for: 'patient-search', class: 'visually-hidden' }, 'Chercher un patient du site\u00a0: nom ou date de naissance'),
    h('div', { class: 'input-with-icon' }, icon('search'), input));
  return { field, show, text: () => typed };
}

async function lookFor(text) {
  try {
    return { people: (await call('POST', '/api/v1/patients', { body: { q: text.trim() } })).patients };
  } catch (error) {
    if (error instanceof Unreachable) return { words: 'Pas de réseau\u00a0: la recherche attendra. Vous pouvez saisir le patient.' };
    if (error instanceof Refused) return { words: error.message };
    throw error;
  }
}

function results(w, found, text, dock, again) {
  if (found.words) return h('p', { class: 'hint' }, found.words);
  const mine = w.content.patient;
  const people = [...found.people];
  if (mine.id && !people.some(person => person.id === mine.id) && !text) people.unshift({ ...mine });
  if (!people.length) {
    return text ? h('p', { class: 'hint' }, 'Aucun patient de votre site à ce nom. Vérifiez l’orthographe ou saisissez un nouveau patient.') : null;
  }
  return h('fieldset', { class: 'field' }, h('legend', {}, text ? 'Patients de votre site' : 'Vus récemment'),
    h('div', { class: 'choices' }, people.map(person => h('label', { class: 'choice', translate: 'no' },
      h('input', { type: 'radio', name: 'patient', checked: person.id === mine.id, onchange: () => choose(w, person, dock, again) }),
      ' ', h('span', {}, fullName(person), h('small', {}, traits(person)), h('small', {}, lastSeen(person))),
      person.identity_status === 'qualified' && h('span', { class: 'tag ok push' }, icon('shield-check'), ' INS')))));
}

const traits = person => [frenchDate(person.birth_date), `${age(person.birth_date)}${isMinor(person.birth_date) ? ', mineur' : ''}`,
  person.used_name && folded(person.used_name) !== folded(person.birth_name) ? `née ${person.birth_name}`.replace('née', person.sex === 'M' ? 'né' : 'née') : '']
  .filter(Boolean).join(' · ');

/** What tells two namesakes born on the same day apart. */
const lastSeen = person => [person.commune, person.written_at && `dernière demande le ${new Date(person.written_at).toLocaleDateString('fr', { day: 'numeric', month: 'short', year: 'numeric' })}`]
  .filter(Boolean).join(' · ');

/** Another patient: another consent, and no picture of the one before. */
async function choose(w, person, dock, list) {
  const content = w.content;
  if (content.patient.id !== person.id && !(await leavePatient(w))) return list();
  content.patient = Object.fromEntries(TRAITS.filter(trait => person[trait] !== undefined).map(trait => [trait, person[trait]]));
  content.patient = { ...w.blank.patient, ...content.patient };
  w.changed();
  band(content.patient);
  return renewConsent(w, dock);
}

/** Pictures belong to the patient they were taken of: another one begins without them, or is the same one corrected. */
export async function leavePatient(w) {
  const before = w.content.patient;
  const taken = w.pictures?.entries().length ?? 0;
  const answer = !taken || !before.birth_name ? 'other' : await sheet(close => [
    h('h2', { id: 'sheet-title' }, 'Changer de patient\u00a0?'),
    h('p', {}, taken > 1 ? `${taken} photos ont été prises pour ` : 'Une photo a été prise pour ', h('strong', { translate: 'no' }, fullName(before)), '.'),
    button('Garder ce patient', { class: 'primary tall wide', onclick: () => close('') }),
    button('Autre patient, effacer les photos', { class: 'tall wide', onclick: () => close('other') }),
    button('Même patient, identité corrigée', { class: 'quiet wide', onclick: () => close('same') }),
  ], { escape: '' });
  if (!answer) return false;
  w.forgetConsent();
  if (answer === 'other') for (const picture of [...(w.pictures?.list ?? [])]) await w.pictures.drop(picture.id);
  return true;
}

/** The tick in the dock, as quick as the thumb: only for a known adult who speaks for himself. */
function renewConsent(w, dock) {
  const { patient: person, consent } = w.content;
  if (!person.id || needsConsentScreen(w.content)) return renew(dock);
  const words = { F: 'Patiente informée et d’accord', M: 'Patient informé et d’accord' }[person.sex] ?? 'Personne informée et d’accord';
  return renew(dock, h('div', { class: 'field', 'data-field': 'consent' },
    h('label', { class: 'choice' }, h('input', { type: 'checkbox', id: 'consent', checked: consent.given, onchange: event => {
      giveConsent(w, event.target.checked);
      renewConsent(w, dock);
      dock.querySelector('input').focus();
    } }), ' ', h('span', {}, words, consentHint(consent)))),
  button('Représentant, refus, que lui dire\u00a0?', { class: 'quiet slim', onclick: () => w.go('accord') }));
}

const consentHint = consent => h('small', {}, consent.given
  ? `Accord oral noté à ${new Date(consent.at).getHours()}\u00a0h\u00a0${String(new Date(consent.at).getMinutes()).padStart(2, '0')}`
  : 'Accord oral, à cocher de votre main');

async function startNew(w, text) {
  if (w.content.patient.id) {
    if (!(await leavePatient(w))) return;
    w.content.patient = { ...w.blank.patient };
  }
  const date = text.match(/\d{1,4}[\s/.-]\d{1,2}[\s/.-]\d{1,4}|\d{8}/)?.[0] ?? '';
  const name = text.replace(date, '').trim();
  if (name && !w.content.patient.birth_name) w.content.patient.birth_name = name;
  if (readDate(date) && !w.content.patient.birth_date) w.content.patient.birth_date = readDate(date);
  w.changed();
  w.go('identite');
}

function goOn(w) {
  const { patient: person, consent } = w.content;
  if (!person.id && person.birth_name) return w.go('identite');
  if (!person.id) return w.errors([{ id: 'patient', words: 'Choisissez un patient, ou touchez «\u00a0Nouveau patient\u00a0».' }]);
  if (!needsConsentScreen(w.content) && !consent.given) {
    return w.errors([{ id: 'consent', words: 'Cochez l’accord du patient\u00a0: rien ne part sans lui.' }]);
  }
  return w.next();
}
