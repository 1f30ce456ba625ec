/** Reads codes away from the page, where the WebAssembly reader may be compiled. */
import { bringReader } from './library.js';

const LOOKED_FOR = ['DataMatrix', 'QRCode', 'Aztec', 'PDF417', 'Code128', 'Code39', 'EAN13'];
const latin = new TextDecoder('latin1');

const coming = bringReader().catch(() => null);

onmessage = async ({ data: { number, image } }) => {
  const readBarcodes = await coming;
  if (!readBarcodes) return postMessage({ number, broken: true });
  const found = await readBarcodes(image, { formats: LOOKED_FOR, tryHarder: true, tryRotate: true, maxNumberOfSymbols: 4 }).catch(() => []);
  postMessage({ number, codes: found.filter(code => code.isValid).map(({ format, bytes }) => ({ format, text: latin.decode(bytes) })) });
  return undefined;
};
