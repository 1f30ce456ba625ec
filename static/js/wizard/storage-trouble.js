/** What is said when the browser does not keep what is typed, until it does again. */
import { settle } from './kept-records.js';
import { troubleNow } from './store.js';

const AGAIN = 5000;
const WORDS = {
  full: ['La mémoire de ce téléphone est pleine', 'Libérez de la place. Avec le réseau, ce que vous faites part directement au serveur\u00a0; sans réseau, cette page seule le garde\u00a0: laissez-la ouverte jusqu’à l’envoi.'],
  blocked: ['Une ancienne page DermAvis est encore ouverte', 'Fermez-la\u00a0: cet onglet attend pour garder votre demande sur ce téléphone.'],
  silent: ['La mémoire de ce téléphone ne répond pas', 'Fermez les autres pages de DermAvis. En attendant, cette page seule garde ce que vous faites\u00a0: laissez-la ouverte jusqu’à l’envoi.'],
  newer: ['DermAvis a été mis à jour', 'Rechargez cette page dès que vous pouvez\u00a0: rien n’est perdu.'],
};
const OTHER = ['Ce navigateur ne garde pas les brouillons', 'Une fois l’accord du patient noté, le serveur garde votre demande à chaque réponse. Laissez cette page ouverte jusqu’à l’envoi.'];
let watching = false;

export function tellStorage(w, kind) {
  if (!kind) return w.calm('storage');
  watch();
  return w.notice('warn', ...(WORDS[kind] ?? OTHER), 'storage');
}

/** What only memory holds is given to the phone as soon as it can keep it. */
function watch() {
  if (watching) return;
  watching = true;
  const again = () => troubleNow() && settle();
  addEventListener('focus', again);
  setInterval(again, AGAIN);
}

/** In the place of a request that may well be here. */
export function unreadableHere() {
  const [heading, words] = troubleNow() === 'blocked' ? WORDS.blocked : [WORDS.silent[0], 'Rien n’est perdu\u00a0: fermez les autres pages de DermAvis, puis réessayez.'];
  return Object.assign(new Error(heading), { said: [heading, words] });
}
