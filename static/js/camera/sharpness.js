/** Sharpness and grain of a luma region: as dermavis/adapters/imaging/sharpness.py. */
import { CELL, cellMean, decimals } from './planes.js';

/** Both axes over nine pixels; both diagonals over seven, nearly as long, where a step holds more of the grain. */
const DIRECTIONS = [{ across: 1, down: 0, half: 4, grain: 1 }, { across: 0, down: 1, half: 4, grain: 1 }, { across: 1, down: 1, half: 3, grain: 1.3 }, { across: 1, down: -1, half: 3, grain: 1.3 }];
const STRONGEST = 0.05;
const GRAIN_DISCOUNT = 0.7;
const LEAST_DETAIL = 0.02;
const DETAIL_OVER_GRAIN = 0.01;
const TAIL = 0.001;
const MOST_TIMES = 4;
const BURNT = 246;
const BURNT_REACH = 3;
const MEDIAN_TO_LEVEL = 2 / (0.6745 * 6);

/** Crete's re-blur ratio, the least of four directions, and the same of the strongest 5 %; the grain taken off both. */
export function sharpnessOf({ plane, width, height }, { low, times }) {
  const noise = grain(plane, width, height);
  const soft = softened(plane, width, height);
  const burnt = burntPixels(soft, width, height, (BURNT - low) * times);
  let sharpness = 1;
  let edge = 1;
  for (const direction of DIRECTIONS) {
    const [ofAll, ofStrong] = reblur(soft, burnt, width, height, direction, noise);
    sharpness = Math.min(sharpness, ofAll);
    edge = Math.min(edge, ofStrong);
  }
  return { sharpness, edge_ratio: edge, noise: decimals(noise / times, 2) };
}

/** Which levels a region uses, but for one pixel in a thousand at each end, and how many times they fit into 255. */
export function stretchOf(plane) {
  const counts = new Uint32Array(256);
  for (let at = 0; at < plane.length; at += 1) counts[plane[at]] += 1;
  const aside = plane.length * TAIL;
  let low = 0;
  for (let left = aside - counts[0]; left >= 0 && low < 255; left -= counts[low]) low += 1;
  let high = 255;
  for (let left = aside - counts[255]; left >= 0 && high > 0; left -= counts[high]) high -= 1;
  return { low, times: Math.max(1, Math.min(MOST_TIMES, Math.floor(255 / Math.max(1, high - low)))) };
}

/** Dark or pale skin in as many levels as any other, before anything is averaged and rounded. */
export function stretched({ plane, width, height }, { low, times }) {
  const table = new Uint8Array(256).map((_, level) => Math.max(0, Math.min(255, (level - low) * times)));
  const levels = new Uint8Array(plane.length);
  for (let at = 0; at < levels.length; at += 1) levels[at] = table[plane[at]];
  return { plane: levels, width, height };
}

function softened(plane, width, height) {
  const soft = plane.slice();
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1, at = y * width + 1; x < width - 1; x += 1, at += 1) {
      const up = at - width;
      const low = at + width;
      soft[at] = (plane[up - 1] + plane[up + 1] + plane[low - 1] + plane[low + 1] + 2 * (plane[up] + plane[low] + plane[at - 1] + plane[at + 1]) + 4 * plane[at] + 8) >> 4;
    }
  }
  return soft;
}

/** The level of the grain: the median of what neighbours cannot explain. */
function grain(plane, width, height) {
  const counts = new Uint32Array(128);
  const count = value => { counts[value > 127 ? 127 : value] += 1; };
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1, at = y * width + 1; x < width - 1; x += 1, at += 1) {
      const up = at - width;
      const low = at + width;
      count(Math.abs((plane[up - 1] + plane[up + 1] + plane[low - 1] + plane[low + 1] - 2 * (plane[up] + plane[low] + plane[at - 1] + plane[at + 1]) + 4 * plane[at] + 1) >> 1));
    }
  }
  let left = (Math.max(0, width - 2) * Math.max(0, height - 2)) / 2;
  for (let size = 0; size < 128; size += 1) {
    if (counts[size] >= left) {
      const inside = counts[size] ? left / counts[size] : 0;
      return (size ? size - 0.5 + inside : inside * 0.5) * MEDIAN_TO_LEVEL;
    }
    left -= counts[size];
  }
  return 0;
}

/** White areas and three cells around them: where a lamp shines, or paper ends, says nothing about the skin. Null without any. */
function burntPixels(plane, width, height, burnt) {
  if (burnt > 255) return null;
  const wide = Math.ceil(width / CELL);
  const high = Math.ceil(height / CELL);
  const cells = new Uint8Array(wide * high);
  for (let row = 0; row < high; row += 1) {
    for (let column = 0; column < wide; column += 1) {
      if (cellMean(plane, width, height, column, row) < burnt) continue;
      for (let y = Math.max(0, row - BURNT_REACH); y <= Math.min(high - 1, row + BURNT_REACH); y += 1) cells.fill(1, y * wide + Math.max(0, column - BURNT_REACH), y * wide + Math.min(wide, column + BURNT_REACH + 1));
    }
  }
  const taken = cells.reduce((sum, cell) => sum + cell, 0);
  if (!taken || taken * 2 > cells.length) return null;
  const pixels = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y += 1) for (let x = 0; x < width; x += 1, at += 1) pixels[at] = cells[(y >> 3) * wide + (x >> 3)];
  return pixels;
}

/** What the gradients in one direction lose when blurred again, in parts of a level: of all, and of the strongest. */
function reblur(plane, burnt, width, height, { across, down, half, grain: share }, noise) {
  const reach = 2 * half + 1;
  const edge = half + 1;
  if (Math.min(width, height) <= 2 * edge) return [0, 0];
  const discount = Math.floor(noise * GRAIN_DISCOUNT * share * reach + 0.5);
  const step = down * width + across;
  const ahead = half * step;
  const behind = edge * step;
  const counts = new Uint32Array(256);
  const lost = new Uint32Array(256);
  let pixels = 0;
  for (let y = edge; y < height - edge; y += 1) {
    for (let at = y * width + edge, last = (y + 1) * width - edge; at < last; at += 1) {
      if (burnt !== null && burnt[at]) continue;
      let size = plane[at] - plane[at - step];
      if (size < 0) size = -size;
      counts[size] += 1;
      pixels += 1;
      const spread = plane[at + ahead] - plane[at - behind];
      const kept = size * reach - discount - (spread < 0 ? -spread : spread);
      if (kept > 0) lost[size] += kept;
    }
  }
  const least = threshold(counts, pixels);
  let whole = 0;
  let strong = 0;
  let ofAll = 0;
  let ofStrong = 0;
  for (let size = 0; size < 256; size += 1) {
    const sum = counts[size] * Math.max(0, size * reach - discount);
    whole += sum;
    ofAll += lost[size];
    if (size < least) continue;
    strong += sum;
    ofStrong += lost[size];
  }
  if (whole <= Math.max(LEAST_DETAIL, DETAIL_OVER_GRAIN * noise * share) * reach * pixels) return [0, 0];
  return [decimals(ofAll / whole, 3), strong ? decimals(ofStrong / strong, 3) : 0];
}

function threshold(counts, pixels) {
  let left = pixels * STRONGEST;
  for (let size = 255; size >= 0; size -= 1) {
    left -= counts[size];
    if (left <= 0) return Math.max(1, size);
  }
  return 1;
}
