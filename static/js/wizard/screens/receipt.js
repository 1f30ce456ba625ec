/** Sent: the number, the promise, and what happens next. */
import { button, h, icon, notice } from '../dom.js';
import { tell } from '../frame.js';
import { picturesLeft } from '../leaving.js';
import { pushOffer } from '../push.js';
import { phoneWords } from '../words.js';

export function recu(w) {
  const receipt = w.draft.receipt;
  tell(`Demande ${receipt.number} envoyée`);
  return {
    step: 5, bare: true, look: 'receipt', title: receipt.pooled ? 'Demande confiée à votre CPTS' : 'Demande envoyée',
    above: h('p', { class: 'receipt-mark', 'aria-hidden': 'true' }, icon('circle-check')),
    lead: h('span', { class: 'receipt-number', translate: 'no' }, receipt.number),
    body: [
      receipt.promise && h('p', { class: 'promise centre' }, receipt.to && `${receipt.to}\u00a0: `, 'réponse attendue ', h('strong', {}, receipt.promise), '.'),
      receipt.late?.length > 0 && notice('warn', 'Vos derniers changements n’y sont pas', 'Elle est partie d’ailleurs. Reprenez-les dans «\u00a0Compléter\u00a0».', leftOut(receipt.late, w.draft.id)),
      receipt.clock && notice('warn', `L’horloge de ce téléphone ${receipt.clock}`, 'Le centre compte ses délais à l’heure du serveur. Réglez l’heure de ce téléphone\u00a0: il s’en sert pour noter l’accord du patient.'),
      receipt.note && h('p', { class: 'small' }, receipt.note),
      w.content.urgency === 'urgent' && receipt.phone && notice('warn', 'Urgent\u00a0: sans réponse, téléphonez', phoneWords(receipt.phone)),
      pushOffer(),
      stillLeaving(w),
    ],
    dock: [h('a', { class: 'button tall grow', href: '/requests/new' }, 'Nouvelle demande'), h('a', { class: 'button primary tall', href: receipt.url ?? `/cases/${w.draft.id}` }, 'Voir la demande')],
  };
}

/** "Envoyer" was touched without network: it is in the queue of this phone, and may still be changed. */
export function attente(w) {
  if (!w.draft.wanted) return null;
  tell('Demande prête, elle partira seule');
  import('../sending.js').then(({ goOnSending }) => goOnSending(w));
  return {
    step: 5, bare: true, look: 'receipt', title: 'Prête à partir',
    above: h('p', { class: 'receipt-mark', 'aria-hidden': 'true' }, icon('clock')),
    lead: 'Elle partira seule dès que le réseau revient.',
    body: [
      notice('info', 'Gardée, chiffrée, sur cet appareil', 'Vous pouvez commencer une autre demande, ou fermer DermAvis\u00a0: rouvrez-le quand le réseau est là.'),
      h('p', { class: 'small' }, 'Le délai du centre commence quand la demande lui parvient. Si cela presse, téléphonez.'),
      stillLeaving(w),
    ],
    dock: [button('Modifier', { class: 'tall grow', onclick: () => w.enter('relecture', 'replace') }), h('a', { class: 'button primary tall', href: '/requests/new' }, 'Nouvelle demande')],
  };
}

/** What was typed here and is not in the request that left, to be written again by « Compléter ». */
const leftOut = (rows, id) => h('div', { class: 'stack' }, h('dl', { class: 'facts stacked' }, rows.map(({ label, mine }) => h('div', {}, h('dt', {}, label), h('dd', { translate: 'no' }, mine || '(effacé)')))),
  h('p', {}, h('a', { href: `/cases/${id}/completion` }, 'Compléter la demande')));

/** Pictures follow by themselves; the page says how many until they have left. */
function stillLeaving(w) {
  const line = h('p', { class: 'hint centre' });
  const draw = () => {
    const words = picturesLeft(w.queue);
    if (line.textContent !== words) line.textContent = words;
  };
  draw();
  w.whileHere(w.pictures, 'change', draw);
  return line;
}

