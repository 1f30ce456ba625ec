/**
 * The live camera: wishes, never demands (a demand that an iPhone cannot meet gives 640 × 480), and a sentence with a
 * way on for each refusal.
 */

const PATIENCE = 12000;
const ON = 'Le reste marche sans elle\u00a0: l’appareil photo du téléphone, ou un fichier.';

export const TROUBLES = {
  absent: ['Pas de caméra ici', 'Cet appareil n’en a pas, ou ne la montre pas au navigateur.'],
  denied: ['Caméra non permise', 'Permettez-la à DermAvis dans les réglages du navigateur, puis réessayez.'],
  busy: ['La caméra est prise', 'Une autre application s’en sert. Fermez-la, puis réessayez.'],
  silent: ['La caméra ne répond pas', 'Réessayez, ou redémarrez le téléphone si cela dure.'],
  unsupported: ['Pas de caméra dans ce navigateur', 'Ce navigateur ne l’ouvre pas dans une page.'],
};

/** `kind` is a key of TROUBLES; `heading` and `words` say it, with the way on. */
export class CameraTrouble extends Error {
  constructor(kind) {
    super(kind);
    const [heading, words] = TROUBLES[kind];
    Object.assign(this, { kind, heading, words: `${words} ${ON}` });
  }
}

const KINDS = { NotAllowedError: 'denied', SecurityError: 'denied', NotFoundError: 'absent', OverconstrainedError: 'absent', NotReadableError: 'busy', AbortError: 'busy' };

/** Opens the camera on the back, as large as it likes. Throws CameraTrouble. */
export async function openCamera({ width = 1920, height = 1080 } = {}) {
  if (!navigator.mediaDevices?.getUserMedia) throw new CameraTrouble('unsupported');
  const asked = navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: 'environment' }, width: { ideal: width }, height: { ideal: height } } });
  let late = false;
  // Whoever is being asked for their leave may take their time.
  const timer = isAsked().then(asks => new Promise((_, reject) => { if (!asks) setTimeout(() => { late = true; reject(new CameraTrouble('silent')); }, PATIENCE); }));
  asked.then(stream => late && end(stream), () => {}); // nobody waits for one that comes too late
  try {
    return new Camera(await Promise.race([asked, timer]));
  } catch (error) {
    throw error instanceof CameraTrouble ? error : new CameraTrouble(KINDS[error.name] ?? 'busy');
  }
}

async function isAsked() {
  try {
    return (await navigator.permissions.query({ name: 'camera' })).state === 'prompt';
  } catch {
    return false; // not told here
  }
}

const end = stream => { for (const track of stream.getTracks()) track.stop(); };

/** One open camera. 'ended' is dispatched when something else takes it away, 'mute' and 'unmute' when that is for a while (a call). */
export class Camera extends EventTarget {
  constructor(stream) {
    super();
    this.stream = stream;
    [this.track] = stream.getVideoTracks();
    for (const name of ['ended', 'mute', 'unmute']) this.track.addEventListener(name, () => this.dispatchEvent(new Event(name)));
  }

  get can() { return this.track.getCapabilities?.() ?? {}; }

  get hasTorch() { return Boolean(this.can.torch); }

  /** How it can be made to focus where one points; null where it cannot be told. */
  get focuses() { return navigator.mediaDevices.getSupportedConstraints?.().pointsOfInterest && this.can.focusMode || null; }

  /** {min, max, step} where the camera zooms, else null. */
  get zoomRange() { return this.can.zoom?.max > this.can.zoom?.min ? this.can.zoom : null; }

  /** Whether it was done. */
  async set(wish) {
    try {
      await this.track.applyConstraints({ advanced: [wish] });
      return true;
    } catch {
      return false;
    }
  }

  stop() { end(this.stream); }
}

/**
 * Shows a camera in a <video> as long as the page is in sight: let go when it is hidden, and taken again on return, which
 * on an iPhone may come without visibilitychange. `tell(trouble)` with null when it runs.
 */
export class LiveView {
  constructor(video, tell, wishes = {}) {
    Object.assign(this, { video, tell, wishes, camera: null, wanted: false, opening: null });
    Object.assign(video, { muted: true, playsInline: true, autoplay: true });
    video.setAttribute('playsinline', '');
    this.look = () => (document.hidden ? this.rest() : this.start());
    for (const [target, name] of this.events()) target.addEventListener(name, this.look);
  }

  events() { return [[document, 'visibilitychange'], [window, 'pageshow'], [window, 'focus']]; }

  /** Opens it, or again after a trouble. */
  start() {
    this.wanted = true;
    if (this.camera?.track.readyState === 'live' && !this.camera.track.muted) return Promise.resolve(this.play());
    this.opening ??= this.open().finally(() => { this.opening = null; });
    return this.opening;
  }

  async open() {
    this.rest({ stays: true });
    try {
      const camera = await openCamera(this.wishes);
      if (!this.wanted || document.hidden) return camera.stop();
      this.camera = camera;
      const heard = (name, trouble) => camera.addEventListener(name, () => { if (this.camera === camera && this.wanted && !document.hidden) this.tell(trouble()); });
      for (const name of ['ended', 'mute']) heard(name, () => new CameraTrouble('busy'));
      heard('unmute', () => null);
      this.video.srcObject = camera.stream;
      await this.play();
      return this.tell(null);
    } catch (error) {
      if (!(error instanceof CameraTrouble)) throw error;
      return this.tell(error);
    }
  }

  play() { return this.video.play().catch(() => {}); } // refused while hidden: the return plays it

  rest({ stays = false } = {}) {
    this.camera?.stop();
    this.camera = null;
    if (!stays) this.video.srcObject = null;
  }

  /** Lets go for good. */
  close() {
    this.wanted = false;
    this.rest();
    for (const [target, name] of this.events()) target.removeEventListener(name, this.look);
  }

  get runs() { return Boolean(this.camera) && !this.camera.track.muted && this.video.readyState >= 2 && this.video.videoWidth > 0; }
}

/** A style sheet that only some screens need, fetched once. */
export function bringSheet(name) {
  const href = new URL(`../../css/${name}`, import.meta.url).href;
  const there = document.querySelector(`link[href="${href}"]`);
  if (there) return there.ready ?? Promise.resolve();
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
  link.ready = new Promise(done => { link.onload = done; link.onerror = done; });
  document.head.append(link);
  return link.ready;
}
