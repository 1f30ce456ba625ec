/** The patient is told and agrees, or his representative does; the doctor ticks it by hand, never in advance. */
import { button, h, notice } from '../dom.js';
import { changing, radios, textField, tick } from '../fields.js';
import { backButton, mainButton } from '../frame.js';
import { isMinor } from '../words.js';

export function giveConsent(w, given) {
  const { consent } = w.content;
  consent.given = given;
  consent.at = given ? new Date().toISOString() : null;
  w.changed();
}

export function accord(w) {
  const { consent, patient } = w.content;
  const minor = isMinor(patient.birth_date);
  if (!consent.by) consent.by = minor || patient.representative ? 'representative' : 'patient';
  const name = changing(() => (consent.by === 'representative' ? [textField({ id: 'representative_name', label: 'Nom du représentant', translate: 'no',
    value: consent.representative_name || patient.representative?.name, onvalue: value => { consent.representative_name = value; w.changed(); } })] : []));
  if (consent.by === 'representative' && !consent.representative_name) consent.representative_name = patient.representative?.name ?? '';
  return {
    step: 1, title: consent.by === 'representative' ? 'L’accord du représentant' : 'L’accord du patient',
    lead: 'Un accord oral suffit. Rien ne quitte ce téléphone avant.',
    body: [
      radios({ id: 'by', legend: 'Qui est d’accord\u00a0?', two: true, value: consent.by,
        options: [{ id: 'patient', label: minor ? 'Le mineur lui-même' : 'Le patient' }, { id: 'representative', label: 'Son représentant' }],
        onvalue: value => { consent.by = value; giveConsent(w, false); w.repaint('by-' + value); } }),
      name,
      minor && consent.by === 'patient' && notice('info', 'Un mineur peut demander le secret', 'Il doit alors être accompagné d’un adulte de son choix. Notez-le dans la question.'),
      tick({ id: 'sensitive', label: 'Photos du visage ou des parties intimes acceptées', hint: 'Seulement si elles sont utiles à l’avis', checked: consent.sensitive_pictures,
        onvalue: value => { consent.sensitive_pictures = value; w.changed(); } }),
      h('details', {}, h('summary', {}, 'Que dire au patient\u00a0?'), h('ul', { class: 'bullets small' },
        h('li', {}, 'Ses photos et son histoire sont montrées à un dermatologue, qui donne un avis à distance.'),
        h('li', {}, 'Elles sont chiffrées, gardées en France chez un hébergeur de données de santé, et chaque lecture est notée.'),
        h('li', {}, 'Il ne paie rien. Il peut refuser, ou changer d’avis avant la réponse.'),
        h('li', {}, h('a', { href: '/patient-information', target: '_blank' }, 'La page d’information à lui remettre')))),
      h('details', {}, h('summary', {}, 'Il refuse, ou ne peut pas répondre'), h('div', { class: 'stack small' },
        h('p', {}, 'S’il refuse, n’envoyez pas de demande\u00a0: adressez-le à une consultation. Le brouillon peut être supprimé.'),
        h('p', {}, 'S’il ne peut pas exprimer sa volonté, demandez l’accord de son représentant, de la personne de confiance ou d’un proche, et nommez-la ci-dessus.'),
        button('Supprimer ce brouillon', { class: 'quiet', onclick: () => w.discard() }))),
    ],
    over: tick({ id: 'consent', checked: consent.given, label: consent.by === 'representative' ? 'Représentant informé et d’accord' : 'Patient informé et d’accord',
      hint: 'À cocher de votre main', onvalue: value => giveConsent(w, value) }),
    dock: [backButton(w.back), mainButton('Continuer', () => {
      const errors = [];
      if (consent.by === 'representative' && !consent.representative_name?.trim()) errors.push({ id: 'representative_name', words: 'Écrivez le nom du représentant.' });
      if (!consent.given) errors.push({ id: 'consent', words: 'Cochez l’accord\u00a0: rien ne part sans lui.' });
      return errors.length ? w.errors(errors) : w.next();
    })],
  };
}

