/** The live gates: one frame after the other is looked at in a worker, ten times a second and more; 'said' tells what to do. */

const LONGEST = 480;
const EVERY = 80;
const STUCK = 3000;

export class Gates extends EventTarget {
  constructor(view) {
    super();
    Object.assign(this, { view, worker: null, timer: 0, sent: 0, surface: null, byBitmap: typeof OffscreenCanvas === 'function' && typeof createImageBitmap === 'function' });
  }

  start() {
    if (this.worker || typeof Worker !== 'function') return;
    this.worker = new Worker(new URL('./live-worker.js', import.meta.url), { type: 'module' });
    this.worker.onmessage = ({ data }) => { this.sent = 0; this.dispatchEvent(new CustomEvent('said', { detail: data })); };
    // Without its gates the camera is still a camera.
    this.worker.onerror = () => { this.stop(); this.dispatchEvent(new Event('silent')); };
    this.timer = setInterval(() => this.look(), EVERY);
  }

  async look() {
    if (!this.view.runs || document.hidden) return;
    // One at a time: a slow phone looks less often, its page never waits. An answer that never came is not waited for.
    if (this.sent && performance.now() - this.sent < STUCK) return;
    this.sent = performance.now();
    const { videoWidth: width, videoHeight: height } = this.view.video;
    const scale = Math.min(1, LONGEST / Math.max(width, height));
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

  stop() {
    clearInterval(this.timer);
    this.worker?.terminate();
    this.worker = null;
  }
}
