/** To whom it goes, how quickly, by when the answer is promised; and where the doctor is reached meanwhile. */
import { button, h, icon, notice, renew, s } from '../dom.js';
import { radios, segmented, textField } from '../fields.js';
import { backButton, mainButton } from '../frame.js';
import { askAddressing, targetOf } from '../target.js';
import { numbers } from '../urgent.js';
import { phoneLink, phoneWords } from '../words.js';

export function destinataire(w) {
  const { content } = w;
  const place = h('div', { class: 'stack looser', 'aria-live': 'polite' }, h('p', { class: 'skeleton' }), h('p', { class: 'skeleton half' }));
  let others = Boolean(content.addressing.team || content.addressing.person);
  const draw = () => renew(place, w.addressing ? offers() : [notice('warn', 'Destinataire à confirmer', w.addressingTrouble), byTelephone(null)]);
  const again = async focus => {
    await askAddressing(w);
    prefill(w);
    draw();
    if (focus) document.getElementById(focus)?.focus();
  };

  function offers() {
    const { default: usual, alternatives, urgencies, urgent } = w.addressing;
    const shown = [usual, ...(others ? alternatives : [])].filter(Boolean);
    return [
      radios({ id: 'addressing', legend: 'Destinataire', hidden: true, value: keyOf(targetOf(w)),
        options: shown.map(offer => ({ id: keyOf(offer), label: offer.name, hint: [offer.reply && h('span', { class: 'reply' }, replyWords(w, offer)), offer.why] })),
        onvalue: key => choose(shown.find(offer => keyOf(offer) === key), usual) }),
      !others && alternatives.length > 0 && button('Un autre centre ou expert', { class: 'quiet', icon: 'chevron-down', onclick: () => { others = true; draw(); document.querySelector('[name=addressing]:checked')?.focus(); } }),
      segmented({ id: 'urgency', legend: 'Urgence', value: content.urgency, options: urgencies.filter(one => one.id !== 'urgent' || urgent.offered), onvalue: value => { content.urgency = value; w.changed(); again(`urgency-${value}`); } }),
      urgent.unknown ? byTelephone(w.addressing) : !urgent.offered && urgent.phone && h('p', { class: 'hint' }, 'Urgent aujourd’hui\u00a0? Personne n’est de garde sur DermAvis\u00a0: téléphonez, ', h('a', { href: phoneLink(urgent.phone) }, [urgent.whom, phoneWords(urgent.phone)].filter(Boolean).join(', ')), '.'),
      expertField(w, targetOf(w), again), course(w, targetOf(w)), details(targetOf(w)),
    ];
  }
  function choose(offer, usual) {
    content.addressing = offer === usual ? { mode: 'default', team: null, person: null } : { mode: 'named', team: offer.team ?? null, person: offer.person ?? null };
    w.changed();
    again(`addressing-${keyOf(offer)}`);
  }
  const phone = textField({ id: 'contact_phone', label: 'Où vous joindre', type: 'tel', autocomplete: 'tel', value: content.contact.phone, onvalue: value => { content.contact.phone = value; w.changed(); } });
  const substitute = textField({ id: 'substitute', label: 'Qui vous remplace en votre absence', optional: true, hint: 'Nom et téléphone\u00a0: appelé si un avis urgent reste sans lecture.', value: content.contact.substitute, onvalue: value => { content.contact.substitute = value; w.changed(); } });
  again().then(() => { phone.querySelector('input').value = content.contact.phone; });
  return {
    step: 5, title: 'À qui l’envoyer\u00a0?',
    body: [place, h('hr'), phone, substitute],
    dock: [backButton(w.back), mainButton('Continuer', () => {
      const digits = content.contact.phone.replace(/\D/g, '');
      return digits.length < 6 ? w.errors([{ id: 'contact_phone', words: 'Écrivez le numéro où l’expert peut vous joindre.' }]) : w.next();
    })],
  };
}

/** Where nobody could say who is on call. */
const byTelephone = told => h('p', { class: 'hint' }, 'Urgent aujourd’hui\u00a0? Une urgence se téléphone\u00a0: ', numbers(told));

/** The doctor's own telephone, known to the server, is proposed once. */
function prefill(w) {
  const own = w.addressing?.contact?.phone;
  if (!own || w.content.contact.phone) return;
  w.content.contact.phone = phoneWords(own);
  w.changed();
}

const keyOf = offer => (offer ? offer.person || offer.team || 'default' : '');

/** A request that a coordination reads first has no date yet: the centre's delay begins when it is passed on. */
const replyWords = (w, offer) => (w.addressing.read_first_by ? `D’abord relue par votre coordination, ${w.addressing.read_first_by}` : `Réponse attendue ${offer.reply}`);

export function promise(w, offer) {
  if (!offer?.reply) return null;
  const reader = w.addressing?.read_first_by;
  if (reader) return notice('info', `D’abord relue par votre coordination, ${reader}`, 'Le délai du centre commence quand la demande lui est transmise. Une demande urgente part directement.');
  return h('p', { class: 'deadline promise' }, s('svg', { class: 'pie', viewBox: '0 0 18 18', 'aria-hidden': 'true' }, s('circle', { cx: '9', cy: '9', r: '8' }),
    s('circle', { class: 'spent', cx: '9', cy: '9', r: '2.5', pathLength: '100', 'stroke-dasharray': '3 100' })), ' ',
  h('span', {}, `${offer.name} s’engage à répondre\u00a0: `, h('strong', {}, offer.reply)));
}

/** Within a team, whoever is free; or one expert by name. */
function expertField(w, offer, again) {
  if (!offer?.experts || offer.experts.length < 2) return null;
  const { addressing } = w.content;
  return h('div', { class: 'field', 'data-field': 'expert' }, h('label', { for: 'expert' }, 'Expert'), h('select', { class: 'input', id: 'expert', translate: 'no', onchange: event => {
    const person = event.target.value || null;
    w.content.addressing = person ? { mode: 'named', team: offer.team, person } : offer === w.addressing.default ? { mode: 'default', team: null, person: null } : { mode: 'named', team: offer.team, person: null };
    w.changed();
    again('expert');
  } }, h('option', { value: '' }, 'Le premier disponible de l’équipe'), offer.experts.map(one => h('option', { value: one.id, selected: one.id === addressing.person }, one.name))));
}

/** Some centres ask for the photo course first; the request is kept meanwhile. */
const course = (w, offer) => offer?.course && w.content.urgency !== 'urgent' && notice('warn', 'Ce centre demande la formation photo', 'Cinq minutes, une fois pour toutes. Cette demande reste gardée.',
  h('div', { class: 'row' }, h('a', { class: 'button', href: `/photo-course?request=${w.draft.id}` }, icon('camera'), 'Suivre la formation')));

const details = offer => offer && (offer.closed || offer.phone) && h('p', { class: 'hint row' }, icon('calendar-clock'),
  h('span', { class: 'grow' }, offer.closed || 'Ouvert cette semaine'), offer.phone && h('a', { href: phoneLink(offer.phone), class: 'no-wrap' }, phoneWords(offer.phone)));
