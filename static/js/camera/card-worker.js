/** Looks for the reference card in live frames, away from the page. In: as live-worker.js. Out: {card}, null where none is seen; {broken} without a reader. */
import { bringReader } from '../scan/library.js';
import { lookAtCard, isCard } from './card-view.js';
import { pixelsOf } from './bitmap.js';

const coming = bringReader().catch(() => null);
const HOW = { formats: ['QRCode'], tryHarder: true, tryRotate: true, tryInvert: false, maxNumberOfSymbols: 2 };

onmessage = async ({ data: { bitmap, frame } }) => {
  const pixels = frame ?? pixelsOf(bitmap);
  const readBarcodes = await coming;
  if (!readBarcodes) return postMessage({ broken: true });
  const began = performance.now();
  const codes = await readBarcodes(pixels, HOW).catch(() => []);
  const code = codes.find(({ isValid, text }) => isValid && isCard(text));
  const { topLeft, topRight, bottomRight, bottomLeft } = code?.position ?? {};
  return postMessage({ card: code ? lookAtCard([topLeft, topRight, bottomRight, bottomLeft], pixels) : null, took: performance.now() - began });
};
