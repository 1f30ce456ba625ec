/** Which screen mends what the server says is missing: paths of the request ("patient.birth_date") to screens. */
import { foldedQuestions, historyScreens, question, questionsOn } from '../specialty.js';

export function screenOf(content, field) {
  const [part, ...rest] = field.split('.');
  const whole = { red_flags: 'alerte', motive: 'motif', question: 'question', hypothesis: 'hypothese', urgency: 'destinataire', addressing: 'destinataire', contact: 'destinataire' }[part];
  if (whole) return whole;
  if (part === 'patient') return ['phone', 'address', 'postcode', 'commune', 'treating_doctor', 'representative', 'place_of_stay'].includes(rest[0]) ? 'coordonnees' : 'identite';
  if (part === 'consent') return 'accord';
  if (part === 'lesions') return lesionScreen(content, rest);
  if (part === 'photos') return photoScreen(content, rest);
  if (part === 'history') return historyScreen(content, rest[0]);
  return 'relecture';
}

/** How the person knows that part of the request. */
export function fieldName(field) {
  const [part, name] = field.split('.');
  if (part === 'history') return question(name)?.short_label ?? 'Histoire';
  if (part === 'patient') return { birth_name: 'Nom de naissance', used_name: 'Nom utilisé', first_name: 'Prénom', birth_date: 'Date de naissance', phone: 'Téléphone', commune: 'Commune', treating_doctor: 'Médecin traitant' }[name] ?? 'Patient';
  return { question: 'Question', hypothesis: 'Hypothèse', red_flags: 'Signes d’alerte', motive: 'Motif', consent: 'Accord', lesions: 'Lésion', photos: 'Photos', addressing: 'Destinataire', urgency: 'Urgence', contact: 'Contact' }[part] ?? 'Demande';
}

function lesionScreen(content, [which, name, asked]) {
  const at = Math.max(0, content.lesions.findIndex((lesion, rank) => lesion.id === which || String(rank) === which));
  if (!content.lesions.length) return 'motif';
  if (!which) return `lesion/${content.lesions.length}`;
  if (name === 'history') return historyScreen(content, asked, at);
  return `${name === 'site' || name === 'side' || !name ? 'lesion' : 'description'}/${at + 1}`;
}

function photoScreen(content, rest) {
  const [lesion, view] = rest.length > 1 ? rest : [null, rest[0]];
  const at = Math.max(0, content.lesions.findIndex(one => one.id === lesion));
  const known = content.photos.find(photo => photo.id === view);
  return `photo/${at + 1}/${known?.view ?? view}`;
}

function historyScreen(content, id, at = 0) {
  if (!question(id)) return 'relecture';
  const lesion = at ? content.lesions[at] : null;
  const screen = historyScreens(content).find(one => questionsOn(content, one.id, lesion).some(item => item.id === id));
  if (screen) return `histoire/${screen.id}${at ? `/${at + 1}` : ''}`;
  return foldedQuestions(content).some(item => item.id === id) ? 'terrain' : 'relecture';
}
