/**
 * The guided camera of one view: what it must show, drawn and said; sharpness, light and glare while it is being taken,
 * each with what to do about it. The shutter never locks, and the phone's own camera and the gallery are a tap away.
 */
import { Gates } from '../camera/gates.js';
import { watchCard } from '../camera/card-chip.js';
import { NoShot, takeShot } from '../camera/shot.js';
import { CameraWindow, fileControl } from '../camera/window.js';
import { button, h, icon, renew } from './dom.js';
import { drawing } from './views.js';

const AUTO = 'dermavis-auto-shutter';
const GREEN_FOR = 700;
/** Where the camera has a shutter of its own the video is only looked at, ten times a second; elsewhere it is the picture. */
const WISHES = typeof ImageCapture === 'function' ? { width: 1920, height: 1080 } : { width: 3840, height: 2160 };
const GATES = [
  { name: 'Netteté', reasons: ['focus', 'motion'], good: 'bonne' },
  { name: 'Lumière', reasons: ['dark', 'bright', 'grain', 'uniform'], good: 'bonne' },
  { name: 'Reflet', reasons: ['glare'], good: 'aucun' },
];

/**
 * Resolves to the picture as a File, or undefined when the window was closed. `shown`: the view of the specialty;
 * `rank` of `total` required ones (-1: an optional one); `lesion`: which of several, in words; `guide`: the address of the picture that this one is to repeat.
 */
export function photographView(asked) {
  opening ??= photographOnce(asked).finally(() => { opening = null; });
  return opening;
}

let opening = null;

async function photographOnce({ shown, rank = -1, total = 0, lesion = '', guide = '' }) {
  const band = document.querySelector('.patient-band:not([hidden])');
  const header = band && Object.assign(band.cloneNode(true), { id: '' });
  const camera = new CameraWindow({ title: shown.short_label, words: [lesion && h('strong', {}, `${lesion}. `), shown.instruction], header, wishes: WISHES });
  const file = close => picked => { if (picked) close(picked); };
  const finish = value => camera.close(value);
  camera.box.classList.toggle('dermoscope', isDermoscopy(shown));
  addGuides(camera, shown, { rank, total, guide });
  const shutter = h('button', { type: 'button', class: 'shutter', 'aria-label': 'Prendre la photo', onclick: () => shoot() });
  camera.controls.append(
    fileControl('Galerie', 'images', file(finish), { about: `choisir ${shown.label}` }), shutter,
    fileControl('Appareil', 'camera', file(finish), { camera: true, about: `appareil photo du téléphone, ${shown.label}` }));
  const gates = watchGates(camera, shown, () => auto.getAttribute('aria-pressed') === 'true' && Boolean(shoot()));
  const zoom = zoomButton(camera, shown);
  const auto = toggle('Auto', 'timer', localStorage.getItem(AUTO) === '1', on => (on ? localStorage.setItem(AUTO, '1') : localStorage.removeItem(AUTO)));
  auto.setAttribute('aria-label', 'Auto\u00a0: prend la photo quand tout est bon');
  camera.settings.append(zoom.button, auto, button('Fermer', { icon: 'x', onclick: () => camera.close() }));
  const stood = camera.stand.bind(camera);
  camera.stand = trouble => {
    stood(trouble);
    shutter.disabled = Boolean(trouble);
    // A lamp that shines into a dermoscope is a glare, and it has its own.
    if (isDermoscopy(shown)) camera.torch.hidden = true;
    if (trouble) return gates.rest();
    zoom.begin();
    return gates.start();
  };
  let shooting = false;
  async function shoot() {
    if (shooting || shutter.disabled || !camera.view.runs) return;
    shooting = true;
    shutter.setAttribute('aria-busy', 'true');
    try {
      finish(await takeShot(camera.view, shown.id));
    } catch (error) {
      if (!(error instanceof NoShot)) throw error;
      camera.tell('La photo n’a pas été prise. Réessayez, ou prenez l’appareil photo du téléphone.');
    } finally {
      shooting = false;
      shutter.removeAttribute('aria-busy');
    }
  }
  camera.closed.then(() => gates.stop());
  await camera.open();
  return camera.closed;
}

const isDermoscopy = shown => shown.id.includes('dermoscop');

function addGuides(camera, shown, { rank, total, guide }) {
  const instruction = camera.finder.querySelector('.instruction');
  const frame = camera.finder.querySelector('.frame');
  if (!shown.close_up) frame.replaceWith(h('div', { class: 'silhouette', 'aria-hidden': 'true' }, drawing(shown)));
  instruction.append(h('details', {}, h('summary', {}, 'Pourquoi'), h('p', {}, shown.why), h('div', { class: 'example', 'aria-hidden': 'true' }, drawing(shown))));
  if (rank >= 0) {
    instruction.append(h('ol', { class: 'dots', 'aria-label': `Photo ${rank + 1} sur ${total}` }, h('li', { class: 'of', 'aria-hidden': 'true' }, `${rank + 1}/${total}`),
      Array.from({ length: total }, (_, at) => h('li', { class: at < rank ? 'done' : null, 'aria-current': at === rank ? 'step' : null }))));
  }
  if (!guide) return;
  const faint = h('img', { class: 'guide', src: guide, alt: '' });
  camera.video.after(faint);
  camera.settings.append(toggle('Calque', 'layers', true, on => { faint.hidden = !on; }));
}

/** A button that stays pressed. */
function toggle(words, name, pressed, act) {
  const made = button(words, { icon: name, 'aria-pressed': String(pressed), onclick: () => {
    const on = made.getAttribute('aria-pressed') !== 'true';
    made.setAttribute('aria-pressed', String(on));
    act(on);
  } });
  return made;
}

/** 2× for close-ups from the start: nearer than 20 cm a phone is not sharp any more. */
function zoomButton(camera, shown) {
  const set = async on => made.setAttribute('aria-pressed', String(Boolean(await camera.view.camera?.set({ zoom: on ? 2 : 1 })) && on));
  const made = toggle('2×', 'zoom-in', Boolean(shown.close_up), set);
  made.hidden = true;
  made.setAttribute('aria-label', '2×, zoom deux fois');
  const begin = () => {
    const range = camera.view.camera?.zoomRange;
    made.hidden = !range || range.max < 2 || isDermoscopy(shown);
    if (!made.hidden) set(made.getAttribute('aria-pressed') === 'true');
  };
  return { button: made, begin };
}

/** Says what the frames show, and calls `ready` once when all has been good for a while in a still hand. */
function watchGates(camera, shown, ready) {
  const gates = new Gates(camera.view);
  const chips = h('ul', { class: 'quality', 'aria-label': 'Qualité en direct' });
  const cells = GATES.map(() => h('li', {}));
  chips.append(...cells);
  chips.hidden = true;
  camera.finder.append(chips);
  let said = '';
  const tell = () => camera.tell(said || card?.advice || '');
  const card = shown.id.includes('scale') ? watchCard(camera.view, chips, tell) : null;
  let since = 0;
  gates.addEventListener('said', ({ detail: { findings, advice, colour, still } }) => {
    chips.hidden = false;
    GATES.forEach(({ name, reasons, good }, at) => drawChip(cells[at], name, findings.find(({ reason }) => reasons.includes(reason)), good));
    said = advice[0] ?? '';
    tell();
    const now = performance.now();
    since = colour === 'green' && still && card?.good !== false ? since || now : 0;
    if (since && now - since >= GREEN_FOR && ready()) since = 0;
  });
  gates.addEventListener('silent', () => { chips.hidden = true; });
  const each = [gates, card].filter(Boolean);
  const stop = () => each.forEach(one => one.stop());
  return { start: () => each.forEach(one => one.start()), stop, rest: () => { stop(); chips.hidden = true; camera.tell(''); } };
}

const SHORT = { focus: 'floue', motion: 'bougée', dark: 'trop peu', bright: 'trop forte', grain: 'trop peu', uniform: 'rien à voir', glare: 'inclinez' };

function drawChip(cell, name, finding, good) {
  const words = finding ? SHORT[finding.reason] ?? 'à revoir' : good;
  if (cell.dataset.words === words) return;
  cell.dataset.words = words;
  cell.className = finding ? 'warn' : 'ok';
  renew(cell, icon(finding ? 'triangle-alert' : 'circle-check'), h('span', {}, h('small', {}, name), words));
}
