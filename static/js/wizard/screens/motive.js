/** Why the opinion is asked: it decides the pictures and the questions that follow. */
import { radios } from '../fields.js';
import { backButton, mainButton } from '../frame.js';
import { addLesion } from '../lesions.js';
import { specialty } from '../specialty.js';

export function motif(w) {
  const { content } = w;
  return {
    step: 2, title: 'Quel est le motif\u00a0?',
    body: [radios({ id: 'motive', legend: 'Motif de la demande', hidden: true, value: content.motive,
      options: specialty().motives.map(({ id, label, hint }) => ({ id, label, hint })),
      onvalue: value => { content.motive = value; w.changed(); } })],
    dock: [backButton(w.back), mainButton('Continuer', () => {
      if (!content.motive) return w.errors([{ id: 'motive', words: 'Choisissez le motif de la demande.' }]);
      if (specialty().uses_lesions && !content.lesions.length) addLesion(w);
      return w.next();
    })],
  };
}
