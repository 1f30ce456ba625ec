/** In a worker: messages from gates.js, their pixels, and what is said of them. */
import { fitted } from './fitting.js';
import { shrunkColours } from './planes.js';

/** More pixels would take more memory than a small phone has to give for a look. */
const MOST_COPIED = 4096 * 3072;

let surface = null;
let rows = new Uint8ClampedArray(0);

/**
 * Answers each message with what `look` returns of its pixels {data (RGBA), width, height}, and `took` (ms); {blind} where they
 * cannot be had, {broken} where `look` fails on them. The pixels stand until the next message.
 */
export function answer(look) {
  onmessage = async ({ data }) => {
    const began = performance.now();
    const pixels = await pixelsOf(data).catch(() => null);
    if (!pixels) return postMessage({ blind: true });
    try {
      return postMessage({ ...await look(pixels), took: performance.now() - began });
    } catch {
      return postMessage({ broken: true });
    }
  };
  onmessageerror = () => postMessage({ blind: true });
}

/** Of {video (a VideoFrame), longest}, {bitmap} or {frame (pixels)}. What was given away is closed. */
async function pixelsOf({ video, bitmap, frame, longest }) {
  if (frame) return frame;
  const given = video ?? bitmap;
  try {
    return await copied(video, longest) ?? drawn(given, video ? fitted(video.displayWidth, video.displayHeight, longest) : bitmap);
  } finally {
    given.close();
  }
}

/** The whole frame copied as RGBA and averaged down: a few milliseconds where drawing it takes more than ten. Null where it cannot be. */
async function copied(video, longest) {
  const { width, height } = video?.visibleRect ?? {};
  if (!width || width * height > MOST_COPIED || video.format?.startsWith('BGR')) return null;
  const how = { format: 'RGBA' };
  try {
    // A browser that does not know the wish would copy the frame as it is: blue before red (above), or not four bytes a pixel.
    if (video.allocationSize(how) !== width * height * 4) return null;
    if (rows.length !== width * height * 4) rows = new Uint8ClampedArray(width * height * 4);
    await video.copyTo(rows, how);
  } catch {
    return null;
  }
  return shrunkColours({ data: rows, width, height }, fitted(width, height, longest));
}

function drawn(given, { width, height }) {
  surface ??= new OffscreenCanvas(width, height);
  Object.assign(surface, { width, height });
  const brush = surface.getContext('2d', { alpha: false, willReadFrequently: true });
  brush.imageSmoothingQuality = 'medium'; // a lower one leaves pixels out, and grain is taken for sharpness
  brush.drawImage(given, 0, 0, width, height);
  return brush.getImageData(0, 0, width, height);
}
