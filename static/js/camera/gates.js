/** Live frames looked at in a worker, one after the other; 'said' tells what it answered, 'silent' that it cannot. */

const STUCK = 3000;
/** The gates of sharpness and light: ten times a second and more. */
const LIVE = { program: './live-worker.js', longest: 480, every: 80 };

export class Gates extends EventTarget {
  /** `longest`: the frame's long side in pixels; `every`: milliseconds from one look to the next, or as long as one takes. */
  constructor(view, { program, longest, every } = LIVE) {
    super();
    Object.assign(this, { view, program, longest, every, worker: null, timer: 0, sent: 0, surface: null, byBitmap: typeof OffscreenCanvas === 'function' && typeof createImageBitmap === 'function' });
  }

  start() {
    if (this.worker || typeof Worker !== 'function') return;
    this.worker = new Worker(new URL(this.program, import.meta.url), { type: 'module' });
    this.worker.onmessage = ({ data }) => { this.sent = 0; if (data.broken) this.fall(); else this.dispatchEvent(new CustomEvent('said', { detail: data })); };
    this.worker.onerror = () => this.fall();
    this.timer = setInterval(() => this.look(), this.every);
  }

  async look() {
    if (!this.view.runs || document.hidden) return;
    // One at a time: a slow phone looks less often, its page never waits. An answer that never came is not waited for.
    if (this.sent && performance.now() - this.sent < STUCK) return;
    this.sent = performance.now();
    const { videoWidth: width, videoHeight: height } = this.view.video;
    const scale = Math.min(1, this.longest / Math.max(width, height));
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
    const message = await this.message(size).catch(() => null);
    if (!message || !this.worker) { this.sent = 0; return; }
    this.worker.postMessage(message, [message.bitmap ?? message.frame.data.buffer]);
  }

  async message({ width, height }) {
    if (this.byBitmap) {
      const bitmap = await createImageBitmap(this.view.video, { resizeWidth: width, resizeHeight: height }).catch(() => null);
      if (bitmap?.width === width) return { bitmap };
      this.byBitmap = false; // a browser that cannot, or does not resize
    }
    this.surface ??= document.createElement('canvas');
    Object.assign(this.surface, { width, height });
    const brush = this.surface.getContext('2d', { alpha: false, willReadFrequently: true });
    brush.drawImage(this.view.video, 0, 0, width, height);
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
