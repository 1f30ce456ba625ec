/** Live frames looked at in a worker, one after the other; 'said' tells what it answered, 'silent' that it cannot. */
import { fitted } from './fitting.js';

/** Milliseconds until a frame that was never made is not waited for, and a worker that says nothing is given up (its program may still be coming). */
const STUCK = 3000;
const SILENT = 30000;
/** Frames in a row that could not be made: one may be a camera that was interrupted. */
const MOST_FAILED = 2;
/** How a frame goes to the worker: the first that this browser can, the page's own time rising from one to the next. */
const WAYS = [typeof VideoFrame === 'function' && 'byFrame', typeof OffscreenCanvas === 'function' && typeof createImageBitmap === 'function' && 'byBitmap', 'byCanvas'].filter(Boolean);
/** The gates of sharpness and light: ten times a second and more. */
const LIVE = { program: './live-worker.js', longest: 480, every: 80 };

export class Gates extends EventTarget {
  /** `longest`: the frame's long side in pixels; `every`: milliseconds from one look to the next, or as long as one takes. */
  constructor(view, { program, longest, every } = LIVE) {
    super();
    Object.assign(this, { view, program, longest, every, worker: null, timer: 0, sent: 0, given: false, failed: 0, surface: null, ways: [...WAYS] });
  }

  start() {
    if (this.worker || typeof Worker !== 'function') return;
    Object.assign(this, { sent: 0, given: false });
    this.worker = new Worker(new URL(this.program, import.meta.url), { type: 'module' });
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = () => this.fall();
    this.timer = setInterval(() => this.look(), this.every);
  }

  async look() {
    if (!this.view.runs || document.hidden) return;
    // One at a time: a slow phone looks less often, its page never waits.
    if (this.sent && performance.now() - this.sent < (this.given ? SILENT : STUCK)) return;
    if (this.given) { this.fall(); return; }
    this.sent = performance.now();
    const message = await this.message();
    if (!message) { this.sent = 0; return; }
    try {
      Object.assign(this, { sent: performance.now(), given: true });
      this.worker.postMessage(message, [message.video ?? message.bitmap ?? message.frame.data.buffer]);
    } catch {
      (message.video ?? message.bitmap)?.close();
      if (this.worker) this.cannot(); // a browser that makes a frame and does not let it go
    }
  }

  hear(data) {
    Object.assign(this, { sent: 0, given: false });
    if (data.broken) this.fall();
    else if (data.blind) this.cannot();
    else this.dispatchEvent(new CustomEvent('said', { detail: data }));
  }

  /** This browser does not look at frames in this way: the next one is tried from now on. */
  cannot() {
    Object.assign(this, { sent: 0, given: false, failed: 0 });
    if (this.ways.length > 1) this.ways.shift();
  }

  async message() {
    const { video } = this.view;
    const size = fitted(video.videoWidth, video.videoHeight, this.longest);
    const message = await this[this.ways[0]](video, size).catch(() => null);
    this.failed = message || !this.view.runs ? 0 : this.failed + 1;
    if (this.failed === MOST_FAILED) this.cannot();
    return message;
  }

  /** Only the name of the frame leaves the page: its pixels are copied, scaled and looked at in the worker. */
  async byFrame(video) {
    return { video: new VideoFrame(video), longest: this.longest };
  }

  async byBitmap(video, { width, height }) {
    const bitmap = await createImageBitmap(video, { resizeWidth: width, resizeHeight: height });
    if (bitmap.width === width) return { bitmap };
    bitmap.close();
    return null; // not every browser resizes
  }

  async byCanvas(video, { width, height }) {
    this.surface ??= document.createElement('canvas');
    Object.assign(this.surface, { width, height });
    const brush = this.surface.getContext('2d', { alpha: false, willReadFrequently: true });
    brush.drawImage(video, 0, 0, width, height);
    return { frame: brush.getImageData(0, 0, width, height) };
  }

  /** Without its gates the camera is still a camera. */
  fall() {
    this.stop();
    this.dispatchEvent(new Event('silent'));
  }

  stop() {
    clearInterval(this.timer);
    this.worker?.terminate();
    this.worker = null;
  }
}
