/** Requests of this person that no key opens any more are thrown away from this device, when they say so twice. */
import { button, h } from './dom.js';
import { sheet } from './frame.js';
import { all, remove } from './kept-records.js';

const many = ids => ids.length > 1;

/** True once nothing of them lies here; what the server has of them stays there. */
export async function discardClosed(ids) {
  const sure = await sheet(close => [
    h('h2', { id: 'sheet-title' }, many(ids) ? `Supprimer ces ${ids.length} demandes de cet appareil\u00a0?` : 'Supprimer cette demande de cet appareil\u00a0?'),
    h('p', {}, 'Ce qui n’en a jamais quitté cet appareil sera perdu. Ce que le serveur a reçu y reste.'),
    button('Garder', { class: 'primary tall wide', onclick: () => close(false) }),
    button('Supprimer', { class: 'tall wide', icon: 'trash-2', onclick: () => close(true) }),
  ], { escape: false });
  if (!sure) return false;
  for (const table of ['bytes', 'pictures', 'copies', 'drafts']) {
    for (const { id } of await all(table, record => ids.includes(record.draft ?? record.id))) await remove(table, id);
  }
  return true;
}
