/**
 * The diagnostic picture: 2016 px on its long side, upright, sRGB, JPEG. The browser applies the EXIF orientation and
 * the colour profile while it decodes; nothing is turned here. Used by the worker and, without one, by the page.
 */
import { fitted } from '../camera/fitting.js';

export const LONG_SIDE = 2016;
/** iPhones draw nothing at all on a canvas above this, without an error. */
const LARGEST_CANVAS = 16_777_216;

/**
 * Bytes → {bytes, width, height, quality}, or {reason} when only the original can be sent ('uniform': nothing is to be
 * seen on it, and it is not sent at all). `quality`: {colour, findings, state, advice}.
 */
export async function diagnosticPicture(bytes, type, closeUp) {
  let decoded;
  try {
    decoded = await createImageBitmap(new Blob([bytes], { type }), { imageOrientation: 'from-image' });
  } catch {
    return { reason: 'undecodable' };
  }
  try {
    const { width, height } = fitted(decoded.width, decoded.height, LONG_SIDE);
    if (!width || width * height > LARGEST_CANVAS) return { reason: 'size' };
    const surface = canvas(width, height);
    const brush = surface.getContext('2d', { alpha: false, colorSpace: 'srgb', willReadFrequently: false });
    brush.imageSmoothingEnabled = true;
    brush.imageSmoothingQuality = 'high';
    brush.drawImage(decoded, 0, 0, width, height);
    const blob = await encoded(surface, closeUp ? 0.9 : 0.85);
    const quality = blob && await judged(blob, brush, Math.max(decoded.width, decoded.height));
    const empty = quality ? quality.findings.some(({ reason }) => reason === 'uniform') : true;
    if (empty && isPlain(surface)) return { reason: isPlain(decoded) ? 'uniform' : 'black' };
    if (!blob || blob.size < 200) return { reason: 'empty' };
    return { bytes: await blob.arrayBuffer(), width, height, quality };
  } finally {
    decoded.close();
  }
}

function canvas(width, height) {
  if (typeof OffscreenCanvas === 'function') return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement('canvas'), { width, height });
}

/**
 * The very file that is sent is judged, as the server will. A verdict is no condition for sending: without the measures,
 * or the memory for them, there is none.
 */
async function judged(blob, brush, originalLongSide) {
  try {
    const { adviceWords, judge, mostRetries, stateWords } = await import('../camera/measures.js');
    const sent = await createImageBitmap(blob);
    const { width, height } = sent;
    brush.drawImage(sent, 0, 0);
    sent.close();
    const { colour, findings } = judge(brush.getImageData(0, 0, width, height), originalLongSide);
    return { colour, findings, state: stateWords(findings), advice: adviceWords(findings), mostRetries };
  } catch {
    return undefined;
  }
}

/** One black, grey or white: a covered lens, or a canvas that failed in silence, which is black. */
function isPlain(image) {
  const small = canvas(16, 16);
  const brush = small.getContext('2d', { willReadFrequently: true });
  brush.drawImage(image, 0, 0, 16, 16);
  const { data } = brush.getImageData(0, 0, 16, 16);
  const low = [255, 255, 255];
  const high = [0, 0, 0];
  for (let at = 0; at < data.length; at += 4) {
    for (let channel = 0; channel < 3; channel += 1) {
      low[channel] = Math.min(low[channel], data[at + channel]);
      high[channel] = Math.max(high[channel], data[at + channel]);
    }
  }
  return Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2]) <= 6 && Math.max(...high) - Math.min(...high) <= 12;
}

const encoded = (surface, quality) => (surface.convertToBlob
  ? surface.convertToBlob({ type: 'image/jpeg', quality })
  : new Promise(resolve => surface.toBlob(resolve, 'image/jpeg', quality)));
