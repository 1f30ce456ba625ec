/** Only the person can throw away an unsent draft, and says so twice. */
import { call, Refused } from './api.js';
import { button, h } from './dom.js';
import { forget } from './draft.js';
import { sheet } from './frame.js';

export async function discardDraft(w) {
  const sure = await sheet(close => [
    h('h2', { id: 'sheet-title' }, 'Supprimer ce brouillon\u00a0?'),
    h('p', {}, 'Les réponses et les photos seront effacées de ce téléphone et du serveur. Rien n’a été envoyé.'),
    button('Garder le brouillon', { class: 'primary tall wide', onclick: () => close(false) }),
    button('Supprimer', { class: 'tall wide', icon: 'trash-2', onclick: () => close(true) }),
  ], { escape: false });
  if (!sure) return;
  try {
    if (w.draft.revision) await call('DELETE', w.draft.path);
  } catch (error) {
    if (!(error instanceof Refused && error.status === 404)) throw error;
  }
  w.draft.receipt = { discarded: true };
  for (const picture of [...(w.pictures?.list ?? [])]) await w.pictures.forget(picture.id);
  await forget(w.draft.id);
  location.assign('/');
}
