/** Somebody else changed the same draft: who, when, what differs, and a choice. The text not chosen stays on this phone. */
import { button, h } from './dom.js';
import { same } from './draft.js';
import { sheet, tell } from './frame.js';
import { momentWords } from './words.js';

const PARTS = { red_flags: 'Signes d’alerte', patient: 'Patient', consent: 'Accord', motive: 'Motif', lesions: 'Lésion', photos: 'Photos', history: 'Histoire', hypothesis: 'Hypothèse', question: 'Question',
  without_opinion: 'Sans cet avis', contact: 'Où vous joindre', urgency: 'Urgence', addressing: 'Destinataire' };

export async function settleConflict(w, theirs) {
  const mine = await sheet(close => [
    h('h2', { id: 'sheet-title' }, 'Demande modifiée ailleurs'),
    h('p', {}, h('span', { translate: 'no' }, theirs.changed_by || 'Une autre personne'), ` l’a modifiée ${momentWords(theirs.changed_at)}. Les deux textes sont gardés\u00a0: choisissez celui qui continue.`),
    differences(w.content, theirs.content),
    button('Garder mon texte', { class: 'primary tall wide', onclick: () => close(true) }),
    button('Prendre l’autre', { class: 'tall wide', onclick: () => close(false) }),
  ]);
  await w.draft.settle(mine, theirs);
  tell(mine ? 'Votre texte continue' : 'L’autre texte continue');
}

function differences(mine, theirs) {
  const changed = Object.keys(PARTS).filter(part => !same({ part: mine[part] ?? null }, { part: theirs[part] ?? null }));
  if (!changed.length) return null;
  return h('dl', { class: 'facts stacked' }, changed.map(part => h('div', {}, h('dt', {}, PARTS[part]), h('dd', {}, h('strong', {}, 'Vous\u00a0: '), brief(mine[part])), h('dd', {}, h('strong', {}, 'L’autre\u00a0: '), brief(theirs[part])))));
}

/** The words in a part, whatever its shape: enough to recognise it. */
function brief(value) {
  const words = [];
  const gather = (one, name = '') => {
    if (typeof one === 'string' && one && !['id', 'lesion', 'at', 'status', 'sha256', 'team', 'person'].includes(name)) words.push(one);
    else if (typeof one === 'number') words.push(String(one));
    else if (one && typeof one === 'object') for (const [key, inner] of Object.entries(one)) gather(inner, key);
  };
  gather(value);
  const text = words.join(', ');
  return text.length > 120 ? `${text.slice(0, 118)}…` : text || '(vide)';
}
