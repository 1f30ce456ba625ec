/** Reads the codes of a picture: by the browser where it knows DataMatrix, else by the WebAssembly reader in a worker. */

const PATIENCE = 15000;
const NAMES = { data_matrix: 'DataMatrix', qr_code: 'QRCode', aztec: 'Aztec', pdf417: 'PDF417' };

export class NoReader extends Error {}

export class CodeReader {
  constructor() { Object.assign(this, { number: 0, waiting: new Map(), detector: undefined, worker: null }); }

  /** ImageData → [{format, text}], the separators of fields kept. Throws NoReader where this browser can read none. */
  async read(image) {
    const seen = await this.byBrowser(image);
    // The browser's own reader may drop what parts the fields: what it saw is read again by the one that keeps it.
    if (seen && !seen.some(code => code.format === 'DataMatrix')) return seen;
    return typeof WebAssembly === 'object' && typeof Worker === 'function' ? this.byWorker(image) : seen ?? nobody();
  }

  async byBrowser(image) {
    this.detector ??= await detectorFor('data_matrix');
    if (!this.detector) return null;
    const found = await this.detector.detect(image).catch(() => []);
    return found.map(({ format, rawValue }) => ({ format: NAMES[format] ?? 'Code', text: rawValue }));
  }

  byWorker(image) {
    this.worker ??= this.startWorker();
    const mine = (this.number += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.settle(mine, { codes: [] }), PATIENCE);
      this.waiting.set(mine, { resolve, reject, timer });
      this.worker.postMessage({ number: mine, image }, [image.data.buffer]);
    });
  }

  startWorker() {
    const started = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    started.onmessage = ({ data: { number, ...told } }) => this.settle(number, told);
    started.onerror = () => { for (const number of this.waiting.keys()) this.settle(number, { broken: true }); };
    return started;
  }

  settle(number, { codes, broken }) {
    const { resolve, reject, timer } = this.waiting.get(number) ?? {};
    this.waiting.delete(number);
    clearTimeout(timer);
    if (broken) {
      // Perhaps only the line was missing: the next reading begins anew.
      this.worker?.terminate();
      this.worker = null;
      reject?.(new NoReader());
    }
    else resolve?.(codes);
  }

  close() { this.worker?.terminate(); }
}

const nobody = () => { throw new NoReader(); };

async function detectorFor(format) {
  try {
    const known = await BarcodeDetector.getSupportedFormats();
    return known.includes(format) ? new BarcodeDetector() : null;
  } catch {
    return null; // not in this browser
  }
}
