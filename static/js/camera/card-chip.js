/** On a view that asks for a scale: whether the reference card is seen, and what would make it readable. Without a reader nothing is said. */
import { Gates } from './gates.js';
import { h, icon, renew } from '../wizard/dom.js';

const LOOK = { program: './card-worker.js', longest: 1280, every: 400 };

/** `told` is called when another thing is to be said. `list`: the live qualities, which take the card among them. */
export function watchCard(view, list, told) {
  const gates = new Gates(view, LOOK);
  const cell = h('li', { class: 'of-card' });
  const watch = { advice: '', good: true, start: () => gates.start(), stop };
  gates.addEventListener('said', ({ detail: { card } }) => {
    const state = card ? card.state : 'absente';
    Object.assign(watch, { advice: card?.advice ?? '', good: !card?.reason });
    if (!cell.isConnected) list.append(cell);
    if (cell.dataset.words !== state) {
      cell.dataset.words = state;
      cell.className = `of-card ${card ? (card.reason ? 'warn' : 'ok') : ''}`.trim();
      renew(cell, icon(card ? (card.reason ? 'triangle-alert' : 'circle-check') : 'circle-dashed'), h('span', {}, h('small', {}, 'Carte'), state));
    }
    told();
  });
  gates.addEventListener('silent', stop);
  function stop() {
    gates.stop();
    cell.remove();
    Object.assign(watch, { advice: '', good: true });
  }
  return watch;
}
