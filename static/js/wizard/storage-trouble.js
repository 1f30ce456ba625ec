/** What is said when the browser does not keep what is typed. */

const WORDS = {
  full: ['La mémoire de ce téléphone est pleine', 'Libérez de la place. Ce que vous faites part directement au serveur\u00a0: gardez cette page ouverte jusqu’à l’envoi.'],
  blocked: ['Une ancienne page DermAvis est encore ouverte', 'Fermez-la\u00a0: cet onglet attend pour garder votre demande sur ce téléphone.'],
};
const OTHER = ['Ce navigateur ne garde pas les brouillons', 'Votre demande est gardée par le serveur à chaque réponse. Gardez cette page ouverte jusqu’à l’envoi.'];

export const tellStorage = (w, kind) => w.notice('warn', ...(WORDS[kind] ?? OTHER), 'storage');
