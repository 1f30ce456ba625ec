/** The whole window given to a camera: a dialog that Escape, Back and its own button close. */
import { fitted } from './fitting.js';
import { bringSheet, LiveView } from './stream.js';
import { button, h, icon, notice, renew, s } from '../wizard/dom.js';

const FRAME = 'M2 52V22A20 20 0 0 1 22 2h30M208 2h30a20 20 0 0 1 20 20v30M258 208v30a20 20 0 0 1-20 20h-30M52 258H22A20 20 0 0 1 2 238v-30';
const RING_SHOWS = 900;
const FOCUS_STAYS = 4000;

export class CameraWindow {
  /** `header`: what stands above (whose skin it is), or nothing. */
  constructor({ title, words, header = null, wishes }) {
    this.video = h('video', { 'aria-label': 'Image de la caméra en direct', tabindex: '-1' });
    this.told = h('p', { class: 'told', role: 'status' });
    this.trouble = h('div', { class: 'trouble-of-camera', hidden: true });
    this.finder = h('div', { class: 'finder' }, this.video,
      s('svg', { class: 'frame', viewBox: '0 0 260 260', fill: 'none', stroke: 'currentColor', 'stroke-width': '4', 'stroke-linecap': 'round', 'aria-hidden': 'true' }, s('path', { d: FRAME })),
      h('div', { class: 'instruction' }, h('h2', { id: 'camera-title', tabindex: '-1' }, title), h('p', {}, words)), this.told, this.trouble);
    this.torch = button('Torche', { icon: 'flashlight', hidden: true, 'aria-pressed': 'false', onclick: () => this.light(this.torch.getAttribute('aria-pressed') !== 'true') });
    this.settings = h('div', { class: 'settings' }, this.torch);
    this.controls = h('div', { class: 'controls' }, this.settings);
    this.box = h('dialog', { class: 'camera', 'aria-labelledby': 'camera-title' }, header, this.finder, this.controls);
    this.video.addEventListener('click', event => this.focusOn(event));
    this.view = new LiveView(this.video, trouble => this.stand(trouble), wishes);
    this.closed = new Promise(resolve => { this.resolve = resolve; });
    this.back = () => this.close();
  }

  async open() {
    const before = document.activeElement;
    this.closed.then(() => before?.focus?.());
    await bringSheet('apart/camera.css');
    document.body.append(this.box);
    this.box.addEventListener('cancel', event => { event.preventDefault(); this.close(); });
    addEventListener('popstate', this.back);
    this.box.showModal();
    this.box.querySelector('h2').focus();
    await this.view.start();
    return this;
  }

  /** What became of the camera: running, or why not, with the way to try again. */
  stand(trouble) {
    this.trouble.hidden = !trouble;
    this.video.toggleAttribute('data-runs', !trouble);
    this.torch.hidden = !this.view.camera?.hasTorch;
    this.torch.setAttribute('aria-pressed', 'false'); // a camera that was opened anew has its lamp off
    if (trouble) renew(this.trouble, notice('warn', trouble.heading, trouble.words, button('Réessayer', { onclick: () => this.view.start() })));
  }

  async light(on) {
    if (await this.view.camera?.set({ torch: on })) this.torch.setAttribute('aria-pressed', String(on));
  }

  /** Sharp where it is touched, on a camera that can be told where; elsewhere it looks for itself. */
  async focusOn({ offsetX, offsetY }) {
    const { camera } = this.view;
    if (!camera?.focuses) return;
    const { clientWidth, clientHeight, videoWidth, videoHeight } = this.video;
    const scale = Math.max(clientWidth / videoWidth, clientHeight / videoHeight); // the picture covers its box
    const place = (offset, box, length) => Math.max(0, Math.min(1, 0.5 + (offset - box / 2) / (length * scale)));
    const point = { x: place(offsetX, clientWidth, videoWidth), y: place(offsetY, clientHeight, videoHeight) };
    const ring = h('span', { class: 'focus-ring', 'aria-hidden': 'true' });
    Object.assign(ring.style, { left: `${offsetX}px`, top: `${offsetY}px` });
    this.finder.append(ring);
    await camera.set({ pointsOfInterest: [point], ...(camera.focuses.includes('single-shot') && { focusMode: 'single-shot' }) });
    setTimeout(() => ring.remove(), RING_SHOWS);
    clearTimeout(this.focusing);
    if (camera.focuses?.includes('continuous')) this.focusing = setTimeout(() => camera.set({ focusMode: 'continuous' }), FOCUS_STAYS);
  }

  tell(words) { if (this.told.textContent !== words) this.told.textContent = words; }

  /** The frame as it is now, its long side at most `longest`, or null while nothing runs. */
  frame(longest) {
    if (!this.view.runs) return null;
    const { videoWidth: width, videoHeight: height } = this.video;
    return pixels(this.video, width, height, longest);
  }

  close(value) {
    if (!this.box.isConnected) return;
    this.view.close();
    removeEventListener('popstate', this.back);
    this.box.close();
    this.box.remove();
    this.resolve(value);
  }
}

let surface = null;

/** ImageData of a video or picture, its long side at most `longest`. */
export function pixels(source, width, height, longest) {
  surface ??= document.createElement('canvas');
  Object.assign(surface, fitted(width, height, longest));
  const brush = surface.getContext('2d', { alpha: false, willReadFrequently: true });
  brush.drawImage(source, 0, 0, surface.width, surface.height);
  return brush.getImageData(0, 0, surface.width, surface.height);
}

/** A control at the side that is a file input: its visible words begin its name. */
export const fileControl = (words, name, onfile, { camera = false, about = '' } = {}) => h('span', { class: 'shutter-side' }, icon(name), h('span', { 'aria-hidden': 'true' }, words),
  h('input', { type: 'file', class: 'over-all', accept: 'image/*,.heic,.heif', capture: camera ? 'environment' : null, 'aria-label': about ? `${words}, ${about}` : words,
    onchange: event => { const [file] = event.target.files; event.target.value = ''; if (file) onfile(file); } }));

export const sideControl = (words, name, act) => h('button', { type: 'button', class: 'shutter-side', onclick: act }, icon(name), h('span', {}, words));
