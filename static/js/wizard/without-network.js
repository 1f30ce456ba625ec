/** A request that begins with no network: whose phone it is, its code, and what the last start with network left here. */
import { askCode } from './code-sheet.js';
import { codeHere } from './code.js';
import { factsHere } from './facts.js';
import { heldKey, holdKey } from './held-key.js';
import { inHand, takeKey, useKey } from './key.js';

/** Said in the place of the request, with a heading and words. */
class CannotBegin extends Error {
  constructor(heading, words) {
    super(heading);
    this.said = [heading, words];
  }
}

/** Fills the dataset of the kept page with whose it is. Throws CannotBegin. */
export async function beginHere(page) {
  const held = await heldKey();
  if (held) takeKey(held);
  else await openHere();
  const facts = await factsHere();
  if (!facts) throw new CannotBegin('Ouvrez une demande une fois avec le réseau', 'Cet appareil n’a pas encore ce qu’il faut pour en commencer une sans réseau.');
  page.person = inHand().person;
  page.draft = /^\/requests\/([0-9a-f-]{36})$/.exec(location.pathname)?.[1] ?? '';
  Object.assign(page, facts);
}

export async function openHere(words = 'Sans réseau, ces six chiffres ouvrent vos demandes. Elles partiront quand il reviendra.') {
  if (!(await codeHere())) {
    throw new CannotBegin('Pas de réseau, et pas de code sur cet appareil', 'Avec le réseau, choisissez un code dans «\u00a0Compte\u00a0»\u00a0: il ouvrira vos demandes sans réseau. Si c’est urgent, téléphonez.');
  }
  const otherwise = { words: 'Réessayer avec le réseau', act: () => location.reload() };
  await askCode({ title: 'Pas de réseau', words, otherwise, act: async opened => { await useKey(opened.key, opened.person); } });
  if (!inHand()) await new Promise(() => {}); // the page is loading itself anew
  holdKey(inHand());
}
