/** A new patient: the traits of identity, then where to reach him and who speaks for him. */
import { insWords } from '../../scan/ins.js';
import { h, icon } from '../dom.js';
import { changing, radios, segmented, textField, tick } from '../fields.js';
import { backButton, band, mainButton, tell } from '../frame.js';
import { treatingDoctor } from '../treating-doctor.js';
import { age, frenchDate, isMinor, isoDate, readDate, today } from '../words.js';

const STRICT = new Set(['birth_name', 'first_name', 'birth_date', 'sex']);
const SEXES = [{ id: 'F', label: 'Femme' }, { id: 'M', label: 'Homme' }, { id: 'U', label: 'Inconnu' }];
const DOCUMENTS = [['carte_identite', 'Carte nationale d’identité'], ['passeport', 'Passeport'], ['titre_sejour', 'Titre de séjour'], ['livret_famille', 'Livret de famille ou acte de naissance'], ['autre', 'Autre pièce']];
const PLACES = [['home', 'À domicile'], ['ehpad', 'En EHPAD'], ['institution', 'En établissement médico-social'], ['prison', 'En détention'], ['other', 'Autre lieu']];

export function identite(w) {
  const person = w.content.patient;
  const number = changing(() => person.ins && [h('p', { class: 'row tight small' }, icon('scan-line'), h('span', { translate: 'no' }, 'INS ', insWords(person.ins)), h('span', { class: 'soft' }, 'lu sur le code'))]);
  const set = name => value => {
    // The number was printed for other traits than these: it goes with them.
    if (person.ins && STRICT.has(name) && value !== person[name]) {
      Object.assign(person, { ins: '', ins_oid: '', given_names: '', birthplace_insee: '' });
      number.again();
      tell('Le matricule INS est retiré\u00a0: l’identité n’est plus celle du code.');
    }
    person[name] = value;
    w.changed();
    band(person);
  };
  const proof = changing(() => (person.identity_status === 'validated' ? [h('div', { class: 'field', 'data-field': 'document' },
    h('label', { for: 'document' }, 'Quelle pièce\u00a0?'),
    h('select', { class: 'input', id: 'document', onchange: event => set('document')(event.target.value) },
      h('option', { value: '' }, 'Choisir…'), DOCUMENTS.map(([id, label]) => h('option', { value: id, selected: person.document === id }, label))))] : []));
  return {
    step: 1, title: 'Son identité',
    body: [number, h('form', { class: 'stack loose', autocomplete: 'off', onsubmit: event => { event.preventDefault(); goOn(w); } },
      textField({ id: 'birth_name', label: 'Nom de naissance', value: person.birth_name, onvalue: set('birth_name'), autocapitalize: 'words', translate: 'no', spellcheck: 'false' }),
      textField({ id: 'first_name', label: 'Prénom', value: person.first_name, onvalue: set('first_name'), autocapitalize: 'words', translate: 'no', spellcheck: 'false' }),
      birthDate(person, w.draft.local, set('birth_date')),
      segmented({ id: 'sex', legend: 'Sexe', options: SEXES, value: person.sex, onvalue: set('sex') }),
      textField({ id: 'used_name', label: 'Nom utilisé', optional: true, hint: 'S’il diffère du nom de naissance.', value: person.used_name, onvalue: set('used_name'), autocapitalize: 'words', translate: 'no', spellcheck: 'false' }),
      tick({ id: 'identity_checked', label: 'J’ai vérifié une pièce d’identité', checked: person.identity_status === 'validated', onvalue: value => {
        person.identity_status = value ? 'validated' : 'provisional';
        if (!value) person.document = '';
        w.changed();
        proof.again();
      } }), proof,
      h('button', { type: 'submit', hidden: true }))],
    dock: [backButton(w.back), mainButton('Continuer', () => goOn(w))],
  };
}

/** Three parts; a whole date pasted or typed into the first fills all three. Text all along, never an instant. */
function birthDate(person, local, set) {
  const parts = person.birth_date ? frenchDate(person.birth_date).split('/') : local.birth ?? [];
  const words = h('span', { class: 'hint', role: 'status' });
  const inputs = ['Jour', 'Mois', 'Année'].map((label, at) => h('input', { class: 'input', id: `birth-${at}`, inputmode: 'numeric', autocomplete: 'off',
    value: parts[at] ?? '', oninput: event => write(event.target, at), 'aria-label': label, placeholder: ['JJ', 'MM', 'AAAA'][at] }));
  const write = (input, at) => {
    const whole = readDate(input.value);
    if (whole) frenchDate(whole).split('/').forEach((part, place) => { inputs[place].value = part; });
    else if (at < 2 && /^\d{2}$/.test(input.value)) inputs[at + 1].focus();
    local.birth = inputs.map(part => part.value);
    set(isoDate(...local.birth));
    words.textContent = age(person.birth_date);
  };
  words.textContent = age(person.birth_date);
  return h('fieldset', { class: 'field', 'data-field': 'birth_date' }, h('legend', {}, 'Date de naissance'),
    h('div', { class: 'date-parts' }, inputs, words));
}

export function identityErrors(person) {
  const errors = [];
  if (!person.birth_name?.trim()) errors.push({ id: 'birth_name', words: 'Écrivez le nom de naissance.' });
  if (!person.first_name?.trim()) errors.push({ id: 'first_name', words: 'Écrivez le prénom.' });
  if (!person.birth_date) errors.push({ id: 'birth_date', words: 'Écrivez une date de naissance qui existe, par exemple 12/03/1958.' });
  else if (person.birth_date > today()) errors.push({ id: 'birth_date', words: 'Cette date de naissance est dans l’avenir.' });
  if (!person.sex) errors.push({ id: 'sex', words: 'Choisissez une réponse, «\u00a0Inconnu\u00a0» au besoin.' });
  if (person.identity_status === 'validated' && !person.document) errors.push({ id: 'document', words: 'Dites quelle pièce vous avez vérifiée.' });
  return errors;
}

function goOn(w) {
  const errors = identityErrors(w.content.patient);
  return errors.length ? w.errors(errors) : w.next();
}

export function coordonnees(w) {
  const person = w.content.patient;
  const set = name => value => { person[name] = value; w.changed(); };
  const minor = isMinor(person.birth_date);
  const speaker = changing(() => (minor || person.representative ? [
    textField({ id: 'representative', label: minor ? 'Représentant légal' : 'Tuteur ou curateur', value: person.representative?.name, translate: 'no', onvalue: speaks('name') }),
    textField({ id: 'relation', label: 'Lien avec le patient', optional: true, hint: minor ? 'Mère, père, autre.' : 'Fille, association tutélaire…', value: person.representative?.relation, onvalue: speaks('relation') }),
  ] : []));
  function speaks(part) {
    return value => { person.representative = { name: '', relation: '', ...person.representative, [part]: value }; w.changed(); };
  }
  return {
    step: 1, title: 'Où le joindre\u00a0?',
    body: [h('form', { class: 'stack loose', autocomplete: 'off', onsubmit: event => { event.preventDefault(); leave(w, minor); } },
      textField({ id: 'phone', label: 'Téléphone du patient', type: 'tel', optional: true, hint: 'Pour l’appeler si l’avis est urgent.', value: person.phone, onvalue: set('phone') }),
      textField({ id: 'commune', label: 'Commune', optional: true, value: person.commune, onvalue: set('commune'), translate: 'no' }),
      treatingDoctor(w),
      !minor && tick({ id: 'protected', label: 'Personne protégée', hint: 'Sous tutelle ou curatelle', checked: Boolean(person.representative), onvalue: value => {
        person.representative = value ? { name: '', relation: '' } : null;
        w.changed();
        speaker.again();
      } }), speaker,
      radios({ id: 'place_of_stay', legend: 'Où vit-il\u00a0?', options: PLACES.map(([id, label]) => ({ id, label })), value: person.place_of_stay || 'home', onvalue: set('place_of_stay') }),
      h('button', { type: 'submit', hidden: true }))],
    dock: [backButton(w.back), mainButton('Continuer', () => leave(w, minor))],
  };
}

function leave(w, minor) {
  const person = w.content.patient;
  const digits = (person.phone ?? '').replace(/\D/g, '');
  const errors = [];
  if (digits && (digits.length < 6 || digits.length > 15)) errors.push({ id: 'phone', words: 'Ce numéro semble incomplet. Exemple\u00a0: 06\u00a039\u00a098\u00a000\u00a012.' });
  if ((minor || person.representative) && !person.representative?.name?.trim()) errors.push({ id: 'representative', words: 'Écrivez le nom de la personne qui le représente.' });
  return errors.length ? w.errors(errors) : w.next();
}
