import { button } from './dom.js';

/** Off the line, or refused by the server: said once, above the question, and taken away when it passes. */

export function tellLine(w, error) {
  const { standing } = w.draft;
  if (standing === 'offline') w.notice('info', 'Pas de réseau', 'Vos réponses sont gardées sur ce téléphone et partiront seules.', 'line');
  else if (standing === 'refused' && error?.code === 'invalid_input') tellWrong(w, error.fields);
  else if (error?.code === 'old_client') tellOld(w, error);
  else if (standing === 'refused') w.notice('late', 'Le serveur ne garde pas cette demande', error.message, 'line');
  else if (standing === 'saved') w.calm('line');
}

async function tellWrong(w, fields) {
  const { fieldName } = await import('./screens/missing.js');
  w.notice('late', 'Une réponse ne peut pas être gardée', Object.entries(fields).map(([field, words]) => `${fieldName(field)}\u00a0: ${words}`).join(' '), 'line');
}

/** This page is of a release that the server no longer understands: loaded again it is of today's, with the same draft. */
export function tellOld(w, error) {
  const renew = async () => { await w.draft.keeping; location.reload(); };
  w.notice('late', 'Mettez DermAvis à jour', [error.message, ' ', button('Mettre à jour', { onclick: renew })], 'line');
}
