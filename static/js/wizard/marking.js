/** Where to look on a picture that shows a region: one arrow and one circle, drawn with a finger or placed by keys, kept beside the picture. */
import { bringSheet } from '../camera/stream.js';
import { sideControl } from '../camera/window.js';
import { drawnOver } from '../marks.js';
import { button, h } from './dom.js';

const SHAPES = { arrow: 'Flèche', circle: 'Cercle' };
const ICONS = { arrow: 'arrow-up-right', circle: 'circle-dot' };
const SHORTEST = 0.03; // a touch, not a stroke
const SIZE = { arrow: 0.18, circle: 0.08 };
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HOW = 'Tracez la flèche ou le cercle du doigt. Au clavier\u00a0: Entrée pour la poser, flèches pour la déplacer, plus et moins pour la taille.';

const within = value => Math.min(1, Math.max(0, value));

/** Resolves to the marks to keep, or undefined when nothing is to change. `source`: the address of the upright picture. */
export async function markPicture({ source, label, marks }) {
  await bringSheet('apart/camera.css');
  const before = document.activeElement;
  const image = h('img', { src: source, alt: label });
  await image.decode();
  const [across, down] = [image.naturalWidth, image.naturalHeight];
  const shorter = Math.min(across, down);
  const drawn = new Map(marks.map(mark => [mark.shape, mark]));
  let chosen = marks.at(-1)?.shape ?? 'circle';
  const told = h('p', { class: 'told', role: 'status' }, HOW);
  const finder = h('div', { class: 'finder drawn-on', tabindex: '0', role: 'application', 'aria-label': HOW }, image, told);
  const tools = Object.entries(SHAPES).map(([shape, words]) => button(words, { icon: ICONS[shape], 'data-shape': shape, onclick: () => choose(shape) }));
  let resolve;
  const closed = new Promise(done => { resolve = done; });
  const box = h('dialog', { class: 'camera', 'aria-label': 'Montrer où regarder' }, finder, h('div', { class: 'controls' },
    h('div', { class: 'settings' }, tools), sideControl('Effacer', 'eraser', erase), button('Garder', { class: 'primary tall', onclick: () => close([...drawn.values()]) }), sideControl('Fermer', 'x', () => close())));

  function close(value) {
    removeEventListener('popstate', leave);
    box.close();
    box.remove();
    before?.focus?.();
    resolve(value);
  }
  const leave = () => close();

  function draw() {
    finder.querySelector('.marks')?.remove();
    image.after(drawnOver(drawn.values(), across, down));
    for (const tool of tools) tool.setAttribute('aria-pressed', String(tool.dataset.shape === chosen));
  }

  function choose(shape) {
    chosen = shape;
    draw();
  }

  function erase() {
    drawn.delete(drawn.has(chosen) ? chosen : [...drawn.keys()].at(-1));
    draw();
  }

  function put(start, end) {
    drawn.set(chosen, { shape: chosen, start, end });
    told.textContent = '';
    draw();
  }

  /** Of the chosen shape, as long as a person would draw it: the arrow's tip, or the circle's centre, lies there. */
  function putAt([x, y]) {
    const [dx, dy] = [SIZE[chosen] * shorter / across, SIZE[chosen] * shorter / down];
    if (chosen === 'circle') put([x, y], [x + dx > 1 ? x - dx : x + dx, y]);
    else put([x + dx > 1 ? x - dx : x + dx, y + dy > 1 ? y - dy : y + dy], [x, y]);
  }

  /** Where a touch lies on the picture, which is whole in its room. */
  function placeOf({ clientX, clientY }) {
    const room = image.getBoundingClientRect();
    const scale = Math.min(room.width / across, room.height / down);
    return [[clientX - room.left - room.width / 2, across], [clientY - room.top - room.height / 2, down]].map(([away, side]) => within(away / (side * scale) + 0.5));
  }

  let from = null;
  finder.addEventListener('pointerdown', event => {
    if (!event.isPrimary) return;
    from = placeOf(event);
    finder.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  finder.addEventListener('pointermove', event => { if (from && isStroke(from, placeOf(event))) put(from, placeOf(event)); });
  finder.addEventListener('pointerup', event => {
    if (from && !isStroke(from, placeOf(event))) putAt(from);
    from = null;
  });
  finder.addEventListener('pointercancel', () => { from = null; });
  const isStroke = (one, other) => Math.hypot((other[0] - one[0]) * across, (other[1] - one[1]) * down) > SHORTEST * shorter;

  finder.addEventListener('keydown', event => {
    const mark = drawn.get(chosen);
    const step = STEPS[event.key];
    if (event.key === 'Enter') putAt([0.5, 0.5]);
    else if (mark && step) put(...[mark.start, mark.end].map(([x, y]) => [within(x + step[0] * (event.shiftKey ? 0.005 : 0.02)), within(y + step[1] * (event.shiftKey ? 0.005 : 0.02))]));
    else if (mark && '+-'.includes(event.key)) {
      const by = event.key === '+' ? 1.15 : 1 / 1.15;
      const [fixed, moved] = chosen === 'circle' ? [mark.start, mark.end] : [mark.end, mark.start];
      const grown = moved.map((value, side) => within(fixed[side] + (value - fixed[side]) * by));
      put(...(chosen === 'circle' ? [fixed, grown] : [grown, fixed]));
    } else return;
    event.preventDefault();
  });

  box.addEventListener('cancel', event => { event.preventDefault(); close(); });
  addEventListener('popstate', leave);
  document.body.append(box);
  draw();
  box.showModal();
  finder.focus();
  return closed;
}
