/** How far the pictures are, in words: beside each picture, and as one line in the dock. */
import { h, icon, renew } from './dom.js';
import { view } from './specialty.js';

export function stateWords(picture, line = 'up') {
  const percent = Math.round((picture.progress ?? 0) * 100);
  return {
    preparing: 'Préparation…',
    waiting: line === 'down' ? 'Gardée, partira avec le réseau' : 'En attente d’envoi',
    sending: `Envoi ${percent}\u00a0%`,
    received: picture.serverMakes && picture.done?.original ? 'Reçue, le serveur la prépare' : 'Reçue, en vérification',
    verified: 'Reçue, vérifiée',
    refused: 'À reprendre',
    lost: 'À choisir de nouveau',
  }[picture.state] ?? '';
}

/** The line of the dock: a bar and its words, drawn again at each change while its screen stands. */
export function transferLine(w) {
  const box = h('div', { class: 'transfer' });
  const draw = () => {
    const { total, arrived, share, bad, sending } = w.pictures.standing();
    box.hidden = !total;
    if (!total) return;
    const [name, words] = lineWords({ total, arrived, bad, sending, line: w.queue.line });
    const bar = box.querySelector('progress');
    if (!bar) {
      renew(box, h('label', { for: 'sent', class: 'visually-hidden' }, 'Photos envoyées'), h('progress', { id: 'sent', max: String(total), value: String(share) }), h('p', {}, icon(name), h('span', {}, words)));
      return;
    }
    bar.max = total;
    bar.value = share;
    const told = box.querySelector('p');
    if (told.textContent !== words) renew(told, icon(name), h('span', {}, words));
  };
  draw();
  w.whileHere(w.pictures, 'change', draw);
  return box;
}

function lineWords({ total, arrived, bad, sending, line }) {
  if (bad.length) return ['triangle-alert', `À reprendre\u00a0: ${bad.map(picture => view(picture.view)?.short_label ?? 'une photo').join(', ')}`];
  if (arrived === total) return ['circle-check', total > 1 ? `Photos ${arrived}/${total} déjà reçues, chiffrées` : 'Photo déjà reçue, chiffrée'];
  if (line === 'down') return ['wifi-off', `Photos ${arrived}/${total} reçues, la suite dès que le réseau revient`];
  if (sending) return ['lock', `${view(sending.view)?.short_label ?? 'Photo'}\u00a0: ${Math.round(sending.progress * 100)}\u00a0% envoyés, chiffrés`];
  return ['lock', `Photos ${arrived}/${total} envoyées, chiffrées`];
}
