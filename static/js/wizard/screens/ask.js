/** The doctor's own hypothesis, and the question that the expert reads first. */
import { h } from '../dom.js';
import { radios, segmented, textField, tooLong } from '../fields.js';
import { backButton, mainButton } from '../frame.js';
import { motive, specialty } from '../specialty.js';

const CONFIDENCES = [{ id: 'low', label: 'Peu sûr' }, { id: 'medium', label: 'Assez sûr' }, { id: 'high', label: 'Sûr' }];
const OTHERWISE = [{ id: 'refer', label: 'Je l’aurais adressé en consultation' }, { id: 'wait', label: 'J’aurais attendu et revu' }, { id: 'treat', label: 'J’aurais traité moi-même' }];

export function hypothese(w) {
  const { content } = w;
  const set = name => value => { content.hypothesis[name] = value; w.changed(); };
  return {
    step: 4, title: 'Votre hypothèse\u00a0?', lead: 'Facultatif. L’avis dira si elle se confirme.',
    body: [h('form', { class: 'stack looser', onsubmit: event => { event.preventDefault(); w.next(); } },
      textField({ id: 'hypothesis', label: 'Hypothèse', autocomplete: 'off', value: content.hypothesis.text, onvalue: set('text'), placeholder: motive(content.motive)?.example ?? '' }),
      segmented({ id: 'confidence', legend: 'Vous en êtes', options: CONFIDENCES, value: content.hypothesis.confidence, onvalue: set('confidence') }),
      radios({ id: 'without_opinion', legend: 'Sans cet avis, qu’auriez-vous fait\u00a0?', hint: 'Facultatif.', options: OTHERWISE, value: content.without_opinion, onvalue: value => { content.without_opinion = value; w.changed(); } }))],
    dock: [backButton(w.back), mainButton('Continuer', w.next)],
  };
}

/** Questions often asked stand below: one tap writes one, and it can be changed. */
export function question(w) {
  const { content } = w;
  const ideas = motive(content.motive)?.asks ?? [];
  const field = textField({ id: 'question', label: 'Question à l’expert', rows: 3, value: content.question, placeholder: 'Une question précise reçoit une réponse plus utile', onvalue: value => { content.question = value; w.changed(); } });
  return {
    step: 4, title: 'Quelle est votre question\u00a0?', lead: motive(content.motive)?.label,
    body: [field, ideas.length > 0 && h('ul', { class: 'chips', 'aria-label': 'Questions fréquentes' }, ideas.map(words => h('li', {}, h('button', { type: 'button', class: 'chip', onclick: () => {
      const area = field.querySelector('textarea');
      area.value = area.value.trim() && area.value.trim() !== words ? `${area.value.trim()} ${words}` : words;
      content.question = area.value;
      w.changed();
      area.focus();
    } }, words))))],
    dock: [backButton(w.back), mainButton('Continuer', () => {
      const words = tooLong(content.question) || (specialty().question_required && !content.question.trim() && 'Écrivez votre question à l’expert.');
      return words ? w.errors([{ id: 'question', words }]) : w.next();
    })],
  };
}
