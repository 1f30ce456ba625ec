/** The order of the screens for this request, from what it holds so far. A screen is named as the address shows it. */
import { foldedQuestions, historyScreens, questionsOn, requiredViews, specialty } from './specialty.js';
import { isMinor } from './words.js';

/** Every screen of the way, in order; those behind a condition only when it holds. */
export function way(content) {
  const { uses_lesions: lesions, uses_pictures: pictures } = specialty();
  return [
    'alerte',
    'patient',
    ...(content.patient?.id ? [] : ['identite', 'coordonnees']),
    ...(needsConsentScreen(content) ? ['accord'] : []),
    'motif',
    ...(lesions ? content.lesions : [null]).flatMap((lesion, at) => [
      ...(lesions ? [`lesion/${at + 1}`, `description/${at + 1}`] : []),
      ...(pictures ? requiredViews(content, lesion).map(view => `photo/${at + 1}/${view}`) : []),
    ]),
    ...historyScreens(content).flatMap(({ id }) => [`histoire/${id}`,
      ...content.lesions.flatMap((lesion, at) => (at && questionsOn(content, id, lesion).length ? [`histoire/${id}/${at + 1}`] : []))]),
    ...(foldedQuestions(content).length ? ['terrain'] : []),
    'hypothese',
    'question',
    'destinataire',
    'relecture',
  ];
}

/** A known adult agrees on the patient screen itself, by one tick. */
export const needsConsentScreen = ({ patient, consent }) =>
  !patient?.id || isMinor(patient.birth_date) || consent.by === 'representative' || Boolean(patient.representative);

const STEP = { alerte: 0, signe: 0, patient: 1, identite: 1, coordonnees: 1, accord: 1, motif: 2, lesion: 2, description: 2,
  photo: 3, histoire: 4, terrain: 4, hypothese: 4, question: 4, destinataire: 5, relecture: 5, attente: 5, recu: 5 };

export const stepOf = place => STEP[place.split('/')[0]] ?? 0;

export function after(content, place) {
  const all = way(content);
  const at = all.indexOf(anchor(all, place));
  return all[Math.min(at + 1, all.length - 1)];
}

export function before(content, place) {
  const all = way(content);
  if (place.startsWith('signe/')) return 'alerte';
  const at = all.indexOf(anchor(all, place));
  return at > 0 ? all[at - 1] : null;
}

/** An extra or optional view stands after the last required view of its lesion. */
function anchor(all, place) {
  if (all.includes(place)) return place;
  const [kind, lesion] = place.split('/');
  if (kind === 'signe') return 'alerte';
  if (['identite', 'coordonnees', 'accord'].includes(kind)) return 'patient';
  if (kind === 'photo') return all.findLast(other => other.startsWith(`photo/${lesion}/`)) ?? all.findLast(other => other.startsWith('description/')) ?? 'motif';
  return all.find(other => other.split('/')[0] === kind) ?? all[0];
}

/** 'question 2 sur 6' among the screens of one step. */
export function placeWords(content, place) {
  const mine = way(content).filter(other => stepOf(other) === stepOf(place));
  const at = mine.indexOf(place);
  return at >= 0 && stepOf(place) === 4 ? `question ${at + 1} sur ${mine.length}` : null;
}

/** Where a screen may not be reached yet: nothing about the patient before the signs, no picture before consent. */
export function allowed(content, place) {
  const kind = place.split('/')[0];
  if (kind === 'alerte' || kind === 'signe') return place;
  if (!content.red_flags.answered) return 'alerte';
  if (['patient', 'identite', 'coordonnees', 'accord'].includes(kind)) return place;
  if (!content.patient?.birth_name || !content.patient?.birth_date) return 'patient';
  if (!content.consent.given) return needsConsentScreen(content) ? 'accord' : 'patient';
  return place;
}
