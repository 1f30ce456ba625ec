/**
 * The diagnostic picture: 2016 px on its long side, upright, sRGB, JPEG. The browser applies the EXIF orientation and
 * the colour profile while it decodes; nothing is turned here. Used by the worker and, without one, by the page.
 */

export const LONG_SIDE = 2016;
/** iPhones draw nothing at all on a canvas above this, without an error. */
const LARGEST_CANVAS = 16_777_216;

/** Bytes → {bytes, width, height}, or {reason} when only the original can be sent. */
export async function diagnosticPicture(bytes, type, closeUp) {
  let decoded;
  try {
    decoded = await createImageBitmap(new Blob([bytes], { type }), { imageOrientation: 'from-image' });
  } catch {
    return { reason: 'undecodable' };
  }
  try {
    const { width, height } = fitted(decoded.width, decoded.height);
    if (!width || width * height > LARGEST_CANVAS) return { reason: 'size' };
    const surface = canvas(width, height);
    const brush = surface.getContext('2d', { alpha: false, colorSpace: 'srgb', willReadFrequently: false });
    brush.imageSmoothingEnabled = true;
    brush.imageSmoothingQuality = 'high';
    brush.drawImage(decoded, 0, 0, width, height);
    if (isBlack(surface)) return { reason: 'black' };
    const blob = await encoded(surface, closeUp ? 0.9 : 0.85);
    if (!blob || blob.size < 200) return { reason: 'empty' };
    return { bytes: await blob.arrayBuffer(), width, height };
  } finally {
    decoded.close();
  }
}

function fitted(width, height) {
  const scale = Math.min(1, LONG_SIDE / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

function canvas(width, height) {
  if (typeof OffscreenCanvas === 'function') return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement('canvas'), { width, height });
}

/** A silent failure of the canvas is a picture of one black. */
function isBlack(surface) {
  const small = canvas(16, 16);
  const brush = small.getContext('2d', { willReadFrequently: true });
  brush.drawImage(surface, 0, 0, 16, 16);
  const { data } = brush.getImageData(0, 0, 16, 16);
  for (let at = 0; at < data.length; at += 4) if (data[at] > 3 || data[at + 1] > 3 || data[at + 2] > 3) return false;
  return true;
}

const encoded = (surface, quality) => (surface.convertToBlob
  ? surface.convertToBlob({ type: 'image/jpeg', quality })
  : new Promise(resolve => surface.toBlob(resolve, 'image/jpeg', quality)));
