/** Only the person can throw away an unsent draft, and says so twice. One that was sent once is cancelled instead. */
import { call, Refused, Unreachable } from './api.js';
import { button, h } from './dom.js';
import { forget } from './kept-draft.js';
import { sheet, tell } from './frame.js';

const OFFLINE = 'Pas de réseau\u00a0: rien n’est supprimé. Réessayez dans un instant.';

export async function discardDraft(w) {
  try {
    const number = await numberOf(w.draft);
    if (number) return await cancelInstead(w, number);
    if (await isSure()) await throwAway(w);
  } catch (error) {
    if (error instanceof Unreachable) return say(w, OFFLINE);
    if (error instanceof Refused && error.code === 'numbered') return cancelInstead(w, '');
    if (error instanceof Refused) return say(w, error.message);
    throw error;
  }
}

/** The number of a request that the coordination sent back; none for a draft that nobody else has seen. */
async function numberOf(draft) {
  if (!draft.revision) return '';
  try {
    return (await call('GET', draft.path)).number ?? '';
  } catch (error) {
    if (isGone(error)) return '';
    throw error;
  }
}

/** The server has none of it: never had, or it was thrown away, or lapsed. */
const isGone = error => error instanceof Refused && [404, 410].includes(error.status);

const isSure = () => sheet(close => [
  h('h2', { id: 'sheet-title' }, 'Supprimer ce brouillon\u00a0?'),
  h('p', {}, 'Les réponses et les photos seront effacées de ce téléphone et du serveur. Rien n’a été envoyé.'),
  button('Garder le brouillon', { class: 'primary tall wide', onclick: () => close(false) }),
  button('Supprimer', { class: 'tall wide', icon: 'trash-2', onclick: () => close(true) }),
], { escape: false });

async function cancelInstead(w, number) {
  const sure = await sheet(close => [
    h('h2', { id: 'sheet-title' }, 'Annuler cette demande\u00a0?'),
    h('p', {}, `Elle a déjà été transmise${number ? ` (${number})` : ''}\u00a0: elle ne se supprime plus, elle s’annule avec une raison.`),
    button('Garder la demande', { class: 'primary tall wide', onclick: () => close(false) }),
    button('Annuler la demande', { class: 'tall wide', icon: 'ban', onclick: () => close(true) }),
  ], { escape: false });
  if (!sure) return;
  await w.draft.push();
  location.assign(`/cases/${w.draft.id}/cancellation`);
}

async function throwAway(w) {
  try {
    if (w.draft.revision) await call('DELETE', w.draft.path);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  w.draft.receipt = { discarded: true };
  for (const picture of [...(w.pictures?.list ?? [])]) await w.pictures.forget(picture.id);
  await forget(w.draft.id);
  location.assign('/');
}

function say(w, words) {
  w.notice('late', 'Le brouillon n’est pas supprimé', words, 'discard');
  tell(words);
}
