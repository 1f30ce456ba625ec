/** The first clinical screen: signs for which a remote opinion is too slow, and what to do when one is present. */
import { button, h, icon } from '../dom.js';
import { changing, radios, textField } from '../fields.js';
import { backButton } from '../frame.js';
import { redFlag, specialty, tier } from '../specialty.js';
import { phoneLink, phoneWords } from '../words.js';

/** The same markup as the page brings from the server: links, so that a tap before the program is ready counts. */
export function alerte(w) {
  const chosen = new Set(w.content.red_flags.flags);
  return {
    step: 0, title: 'Un de ces signes\u00a0?', lead: 'Touchez celui qui est présent.',
    body: specialty().tiers.map(group => h('section', { class: 'signs edge-to-edge', 'aria-labelledby': `tier-${group.id}` },
      h('h2', { class: `list-title tier-${group.call}`, id: `tier-${group.id}` }, icon(TIER_ICONS[group.call]), group.heading),
      h('ul', { class: 'case-list' }, specialty().red_flags.filter(flag => flag.tier === group.id).map(flag =>
        h('li', { class: 'case-row sign' }, h('a', { href: `#signe/${flag.id}` }, h('strong', {}, flag.label), flag.detail && ` ${flag.detail}`,
          chosen.has(flag.id) && h('span', { class: 'tag late' }, ' · présent')), icon('chevron-right')))))),
    dock: [h('a', { class: 'button square tall', href: '/', 'aria-label': 'Retour' }, icon('arrow-left')),
      h('a', { class: 'button primary tall', href: '#aucun' }, chosen.size ? 'Aucun autre signe' : 'Aucun de ces signes')],
  };
}

/** Nothing found on the first screen, or nothing more. */
export function noSign(w) {
  w.content.red_flags.answered = true;
  w.changed();
}

export function signe(w, id) {
  const flag = redFlag(id);
  const group = tier(flag.tier);
  const onCall = w.addressing?.on_call ?? null;
  let whom = w.content.red_flags.called?.whom ?? '';
  const people = group.call === 'nobody' ? [] : callees(onCall);
  const other = changing(() => (whom && !people.some(person => person.label === whom)
    ? [textField({ id: 'called-whom', label: 'Qui\u00a0?', value: whom === OTHER ? '' : whom, autocomplete: 'off', onvalue: value => { whom = value.trim() || OTHER; } })] : []));
  const grave = group.call !== 'nobody';
  return {
    step: 0, bare: grave, look: grave ? 'flush' : '', title: heading(group),
    above: grave && h('p', { class: 'critical-bar edge-to-edge' }, icon('siren'), h('span', {}, `${flag.label}\u00a0: ${group.call === 'samu' ? 'c’est une urgence' : 'avis le jour même'}`)),
    lead: group.explanation,
    body: [
      flag.advice && h('div', { class: 'notice late' }, icon('octagon-alert'), h('p', {}, flag.advice)),
      grave && calls(group, onCall),
      grave && h('hr'),
      grave && h('div', { class: 'stack loose' }, radios({ id: 'called', legend: 'Qui avez-vous appelé\u00a0?',
        hint: 'Noté avec l’heure dans la demande. Vous pourrez ensuite la poursuivre.',
        options: [...people, { id: 'other', label: 'Quelqu’un d’autre' }],
        value: people.find(person => person.label === whom)?.id ?? (whom ? 'other' : ''),
        onvalue: value => { whom = people.find(person => person.id === value)?.label ?? OTHER; other.again(); } }), other),
      button('Je me suis trompé, ce signe est absent', { class: 'quiet', onclick: () => wrong(w, id) }),
    ],
    dock: [backButton(() => w.go('alerte')),
      button('Poursuivre la demande', { class: grave ? 'tall grow' : 'primary tall', onclick: () => {
        if (grave && !whom) return w.errors([{ id: 'called', words: 'Dites qui vous avez appelé, ou revenez en arrière si ce signe est absent.' }]);
        return goOn(w, id, group, grave ? whom : '');
      } })],
  };
}

const TIER_ICONS = { samu: 'siren', on_call: 'phone-call', nobody: 'clock' };

const OTHER = 'Quelqu’un d’autre';

const heading = group => ({ samu: 'Appelez, n’attendez pas d’avis', on_call: 'Appelez le dermatologue d’astreinte' }[group.call] ?? group.heading);

function callees(onCall) {
  return [{ id: 'samu', label: 'Le 15 (SAMU)' }, ...(onCall ? [{ id: 'on-call', label: `L’astreinte, ${onCall.name}` }] : [])];
}

function calls(group, onCall) {
  const samu = h('a', { class: `button tall wide ${group.call === 'samu' ? 'urgent' : ''}`, href: 'tel:15' }, icon(group.call === 'samu' ? 'phone-call' : 'phone'), 'Appeler le 15');
  const duty = onCall && h('a', { class: `button tall wide ${group.call === 'on_call' ? 'urgent' : ''}`, href: phoneLink(onCall.phone) },
    icon(group.call === 'on_call' ? 'phone-call' : 'phone'), 'Dermatologue d’astreinte');
  const words = onCall && h('p', { class: 'hint centre' }, [onCall.name, onCall.hours, phoneWords(onCall.phone)].filter(Boolean).join(' · '));
  return h('div', { class: 'stack' }, group.call === 'samu' ? [samu, duty, words] : [duty, words, samu]);
}

function goOn(w, id, group, whom) {
  const flags = w.content.red_flags;
  Object.assign(flags, { answered: true, flags: [...new Set([...flags.flags, id])] });
  if (whom) flags.called = { whom, at: new Date().toISOString() };
  if (w.content.urgency === 'routine') w.content.urgency = 'soon';
  w.changed();
  w.next();
}

function wrong(w, id) {
  const flags = w.content.red_flags;
  flags.flags = flags.flags.filter(other => other !== id);
  if (!flags.flags.length) {
    flags.called = null;
    w.content.urgency = 'routine';
  }
  w.changed();
  w.go('alerte');
}
