/** How far what leaves this phone has come: told by whoever sends it, shown in words. Nothing of it is announced. */

const now = new Map();

/** `standing`: {gone, total, share} of its pictures, {} while none is on its way, null once it rests. */
export function leaving(id, standing) {
  if (standing) now.set(id, standing);
  else now.delete(id);
  dispatchEvent(new CustomEvent('dermavis:leaving', { detail: { id } }));
}

/** Empty while it rests. */
export function leavingWords(id) {
  const { gone, total, share } = now.get(id) ?? {};
  if (!now.has(id)) return '';
  return total ? `Envoi en cours, photo ${Math.min(gone + 1, total)} sur ${total}, ${Math.round(share * 100)}\u00a0%` : 'Envoi en cours';
}

/** What the page of one request says of `queue`: full-size pictures follow the receipt. */
export function picturesLeft(queue) {
  if (!queue.next()) return '';
  const full = Boolean(queue.draft.receipt);
  const { gone, total } = queue.departed(full);
  const several = total > 1 ? 's' : '';
  return `Photo${several}${full ? ' en plein format' : ''}\u00a0: ${gone} sur ${total} partie${several}. Vous pouvez continuer à travailler\u00a0: l’envoi reprend seul.`;
}
