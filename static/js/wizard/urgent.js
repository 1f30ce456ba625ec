/** An urgency is telephoned: the numbers that the service gave, with the 15 as the last resort. Nothing here tells who is on call. */
import { addressingHere } from './facts.js';
import { h } from './dom.js';
import { phoneLink, phoneWords } from './words.js';

const telephone = told => told?.urgent?.phone || told?.on_call?.phone || '';

/** To whom it goes as far as that is known: as last said, else as kept here for the day without network. */
export const addressingKnown = async w => w.addressing ?? addressingHere(w.content.motive).catch(() => null);

export function numbers(told) {
  const phone = telephone(told);
  return [phone ? h('a', { href: phoneLink(phone) }, [told.urgent?.whom, phoneWords(phone)].filter(Boolean).join(', ')) : 'votre centre', ' (en dernier recours, ', h('a', { href: 'tel:15', class: 'no-wrap' }, 'le 15'), ').'];
}

/** The same, to be read aloud. */
export const numberWords = told => `${phoneWords(telephone(told)) || 'Votre centre'}, en dernier recours le 15.`;
