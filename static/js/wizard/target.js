/** To whom the request goes, as the server decides it from the site's agreement, the motive and the duty rota. */
import { call, Refused, Unreachable } from './api.js';

/** Asks the server to whom this request goes; what it last said is kept for the review. */
export async function askAddressing(w) {
  const { motive, urgency, specialty } = w.content;
  const ask = new URLSearchParams({ specialty: specialty.id, motive, urgency });
  try {
    w.addressing = await call('GET', `/api/v1/addressing?${ask}`);
    w.addressingTrouble = '';
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
    if (error instanceof Unreachable) w.addressing = await import('./facts.js').then(({ addressingHere }) => addressingHere(motive)).catch(() => null) ?? w.addressing;
    w.addressingTrouble = error instanceof Refused ? error.message : 'Pas de réseau\u00a0: le destinataire sera votre centre habituel, montré dès que le réseau revient.';
  }
  return w.addressing;
}

export const targetOf = w => {
  const { team, person } = w.content.addressing;
  const offers = w.addressing ? [w.addressing.default, ...w.addressing.alternatives] : [];
  return offers.find(offer => offer?.team === team && team !== null && (!offer.person || offer.person === person)) ?? w.addressing?.default ?? null;
};
