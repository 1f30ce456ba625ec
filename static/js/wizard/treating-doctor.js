/** The treating doctor: a colleague with an account, who gets the opinion too, or a name in free words; unless the patient objects. */
import { call, Refused, Unreachable } from './api.js';
import { button, h, icon, renew } from './dom.js';
import { changing, tick } from './fields.js';
import { tell } from './frame.js';

const PAUSE = 250;
const page = document.body.dataset;

/** What becomes of the opinion, in words, for the field and the review. */
export function copyWords({ treating_doctor: words, treating_doctor_id: id, treating_doctor_refused: refused }) {
  if (refused) return 'Le patient s’y oppose\u00a0: l’avis ne lui sera pas transmis.';
  if (id && id === page.person) return 'C’est vous\u00a0: l’avis vous revient.';
  if (id) return 'Recevra l’avis dans DermAvis, en copie.';
  return words?.trim() ? 'Sans compte ici\u00a0: vous lui remettrez le compte rendu.' : '';
}

export function treatingDoctor(w) {
  const person = w.content.patient;
  let timer = 0;
  let offered = false;
  const found = h('div', {});
  const input = h('input', { class: 'input', id: 'treating_doctor', name: 'treating_doctor', type: 'text', autocomplete: 'off', translate: 'no', spellcheck: 'false',
    maxlength: '200', 'aria-describedby': 'treating_doctor-hint treating_doctor-copy', value: person.treating_doctor ?? '',
    onfocus: () => { if (!input.value.trim()) look(''); },
    oninput: () => {
      write(input.value, null);
      clearTimeout(timer);
      timer = setTimeout(() => look(input.value), PAUSE);
    } });
  const copy = changing(() => said(w, person, offered));
  w.whileHere(w.draft, 'missing', copy.again);
  function write(words, id) {
    Object.assign(person, { treating_doctor: words, treating_doctor_id: id });
    w.draft.missing = w.draft.missing?.filter(one => one.field !== 'patient.treating_doctor');
    w.changed();
    copy.again();
  }
  function choose(words, id) {
    clearTimeout(timer);
    input.value = words;
    write(words, id);
    offered = false;
    renew(found);
    copy.again();
    input.focus();
    tell(copyWords(person));
  }
  async function look(text) {
    const answer = await lookFor(text);
    if (text !== input.value || !input.isConnected || person.treating_doctor_id) return;
    offered = Boolean(answer.doctors?.length);
    renew(found, results(answer, text, choose));
    copy.again();
    if (answer.doctors && text.trim()) tell(answer.doctors.length ? `${answer.doctors.length} médecin${answer.doctors.length > 1 ? 's' : ''}` : 'Aucun médecin trouvé');
  }
  return h('div', { class: 'stack' },
    h('div', { class: 'field', 'data-field': 'treating_doctor' },
      h('label', { for: 'treating_doctor' }, 'Médecin traitant', h('span', { class: 'soft' }, ' (facultatif)')),
      h('p', { class: 'hint', id: 'treating_doctor-hint' }, 'Nom ou commune\u00a0: choisissez-le, il recevra aussi l’avis. Sinon, écrivez son nom.'),
      h('div', { class: 'input-with-icon' }, icon('search'), input),
      page.doctor && h('div', { class: 'row' }, button('C’est moi', { icon: 'user-check', id: 'treating_doctor-me', onclick: () => choose(page.doctor, page.person) })),
      copy, found),
    tick({ id: 'treating_doctor_refused', label: 'Ne pas transmettre au médecin traitant', hint: 'Si le patient s’y oppose', checked: Boolean(person.treating_doctor_refused),
      onvalue: value => { person.treating_doctor_refused = value; w.changed(); copy.again(); } }));
}

/** What the server refused of the choice stands here, beside the field, until another one is made; nothing while some are offered. */
function said(w, person, offered) {
  const refused = w.draft.missing?.find(one => one.field === 'patient.treating_doctor');
  const box = refused && !person.treating_doctor_refused ? { class: 'field-error', words: refused.message } : { class: 'hint', words: offered && !person.treating_doctor_id && !person.treating_doctor_refused ? '' : copyWords(person) };
  return [h('p', { class: box.class, id: 'treating_doctor-copy', role: 'status' }, box.class === 'field-error' && icon('circle-alert'), box.words)];
}

async function lookFor(text) {
  try {
    return await call('POST', '/api/v1/doctors', { body: { q: text.trim() } });
  } catch (error) {
    if (error instanceof Unreachable) return { words: 'Pas de réseau\u00a0: écrivez son nom.' };
    if (error instanceof Refused) return { words: error.message };
    throw error;
  }
}

function results({ doctors, words }, text, choose) {
  if (words) return h('p', { class: 'hint' }, words);
  if (!doctors.length) return text.trim() ? h('p', { class: 'hint' }, 'Aucun médecin du réseau à ce nom\u00a0: il est gardé tel que vous l’écrivez.') : null;
  return h('div', { class: 'field', role: 'group', 'aria-label': text.trim() ? 'Médecins du réseau' : 'Médecins de votre site' },
    h('div', { class: 'choices' }, doctors.map(doctor => h('button', { type: 'button', class: 'choice', translate: 'no', onclick: () => choose(doctor.name, doctor.id) },
      icon('user'), ' ', h('span', {}, doctor.name, h('small', {}, doctor.place))))));
}
