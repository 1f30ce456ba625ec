/** Looks for the reference card in live frames, away from the page. Out: {card, null where none is seen, took}; {broken} without a reader. */
import { bringReader } from '../scan/library.js';
import { lookAtCard, isCard } from './card-view.js';
import { answer } from './pixels.js';

const coming = bringReader().catch(() => null);
const HOW = { formats: ['QRCode'], tryHarder: true, tryRotate: true, tryInvert: false, maxNumberOfSymbols: 2 };

answer(async pixels => {
  const readBarcodes = await coming;
  if (!readBarcodes) return { broken: true };
  const codes = await readBarcodes(pixels, HOW).catch(() => []);
  const code = codes.find(({ isValid, text }) => isValid && isCard(text));
  const { topLeft, topRight, bottomRight, bottomLeft } = code?.position ?? {};
  return { card: code ? lookAtCard([topLeft, topRight, bottomRight, bottomLeft], pixels) : null };
});
