/**
 * What is measured on a picture, and what it means: the same whole numbers as dermavis/adapters/imaging/measures.py,
 * judged by the limits of quality-rules.js. Pure functions over {data, width, height} (RGBA); no DOM.
 *
 * judge(picture, originalLongSide) is for the final picture, look(frame) for a live one of about 480 × 360.
 */
import rules from './quality-rules.js';

const FRAME = 480;
const REGION = 640;
const REGION_SHARE = 0.7;
const SHARE_IN_VIGNETTE = 0.5;
const RANK = { green: 0, amber: 1, red: 2 };
const rounded = value => Math.floor(value + 0.5);
const decimals = (value, places) => Number(value.toFixed(places));

/** Measures and verdict of the final picture; without the original's long side its size is not judged. */
export function judge(picture, originalLongSide) {
  const measures = measure(picture);
  if (originalLongSide) measures.long_side = originalLongSide;
  return { measures, ...verdict(measures, rules.limits) };
}

/** Measures and verdict of a live frame: sharpness, clipping and glare, at the frame's own size. */
export function look(frame) {
  const measures = measure(frame);
  return { measures, ...verdict(measures, rules.live) };
}

export function measure(picture) {
  const luma = lumaOf(picture);
  const light = lightOf(reducedColours(picture, FRAME));
  const share = light.vignette ? SHARE_IN_VIGNETTE : REGION_SHARE;
  const region = cut(luma, picture.width, picture.height, share);
  const stretch = stretchOf(region.plane);
  return { version: rules.version, ...light, ...sharpnessOf(shrunkPlane(stretched(region, stretch), REGION), stretch) };
}

/** {colour, findings}: the worst first. A measure that is not there is not judged. */
export function verdict(measures, limits) {
  const findings = limits.flatMap(limit => {
    const value = measures[limit.measure];
    if (typeof value !== 'number') return [];
    const beyond = bound => bound !== null && (limit.least ? value < bound : value > bound);
    const colour = beyond(limit.red) ? 'red' : beyond(limit.amber) ? 'amber' : 'green';
    return colour === 'green' ? [] : [{ reason: limit.reason, colour, measure: limit.measure, value }];
  }).sort((one, other) => RANK[other.colour] - RANK[one.colour]);
  return { colour: findings[0]?.colour ?? 'green', findings };
}

/** What is wrong in a few words ('floue, reflet'): of 'floue' and 'un peu floue' the worse, which comes first. */
export function stateWords(findings) {
  const worst = new Map();
  for (const { reason, colour } of findings) {
    const words = rules.words[reason][colour];
    const last = words.split(' ').at(-1);
    if (!worst.has(last)) worst.set(last, words);
  }
  return [...worst.values()].join(', ');
}

/** What to do, the most pressing first, each once. */
export const adviceWords = findings => [...new Set(findings.map(({ reason }) => rules.words[reason].advice))];
export const mostRetries = rules.mostRetries;

function lumaOf({ data, width, height }) {
  const luma = new Uint8Array(width * height);
  for (let at = 0, from = 0; at < luma.length; at += 1, from += 4) {
    luma[at] = (19595 * data[from] + 38470 * data[from + 1] + 7471 * data[from + 2] + 0x8000) >> 16;
  }
  return luma;
}

function cut(plane, width, height, share) {
  const wide = Math.max(1, rounded(width * share));
  const high = Math.max(1, rounded(height * share));
  const left = (width - wide) >> 1;
  const top = (height - high) >> 1;
  const region = new Uint8Array(wide * high);
  for (let y = 0; y < high; y += 1) region.set(plane.subarray((top + y) * width + left, (top + y) * width + left + wide), y * wide);
  return { plane: region, width: wide, height: high };
}

function fitted(width, height, longSide) {
  const scale = longSide / Math.max(width, height);
  return scale >= 1 ? null : [Math.max(1, rounded(width * scale)), Math.max(1, rounded(height * scale))];
}

function shrunkPlane({ plane, width, height }, longSide) {
  const size = fitted(width, height, longSide);
  return size ? { plane: averaged(plane, width, height, ...size), width: size[0], height: size[1] } : { plane, width, height };
}

/** Three planes in one, RGBRGB…, so many whole pixels in one that the long side is about that: as Pillow's `reduce` does. */
function reducedColours({ data, width, height }, longSide) {
  const by = Math.max(1, rounded(Math.max(width, height) / longSide));
  const [wide, high] = [Math.ceil(width / by), Math.ceil(height / by)];
  const averages = new Uint8Array(wide * high * 3);
  for (let y = 0, to = 0; y < high; y += 1) {
    const bottom = Math.min(height, (y + 1) * by);
    for (let x = 0; x < wide; x += 1, to += 3) {
      const right = Math.min(width, (x + 1) * by);
      let [red, green, blue] = [0, 0, 0];
      for (let row = y * by; row < bottom; row += 1) {
        for (let at = (row * width + x * by) * 4, end = (row * width + right) * 4; at < end; at += 4) {
          red += data[at];
          green += data[at + 1];
          blue += data[at + 2];
        }
      }
      const count = (bottom - y * by) * (right - x * by);
      averages[to] = averageOf(red, count);
      averages[to + 1] = averageOf(green, count);
      averages[to + 2] = averageOf(blue, count);
    }
  }
  return { data: averages, width: wide, height: high };
}

/** As Pillow's `reduce` rounds, for which 1 / count is a whole number of 2^-24. */
const averageOf = (sum, count) => Math.floor((sum + (count >> 1)) * Math.floor(2 ** 24 / count) / 2 ** 24);

/** Averages whole pixels, rows first and then columns, each rounded: as Pillow's box does. */
function averaged(from, width, height, wide, high) {
  const across = edges(width, wide);
  const down = edges(height, high);
  const rows = new Uint8Array(wide * height);
  for (let y = 0, to = 0; y < height; y += 1) {
    for (let x = 0; x < wide; x += 1, to += 1) {
      let sum = 0;
      for (let at = y * width + across.from[x], last = y * width + across.to[x]; at < last; at += 1) sum += from[at];
      const count = across.to[x] - across.from[x];
      rows[to] = (2 * sum + count) / (2 * count);
    }
  }
  const averages = new Uint8Array(wide * high);
  const sums = new Uint32Array(wide);
  for (let y = 0; y < high; y += 1) {
    sums.fill(0);
    for (let row = down.from[y]; row < down.to[y]; row += 1) for (let at = 0, source = row * wide; at < wide; at += 1, source += 1) sums[at] += rows[source];
    const count = down.to[y] - down.from[y];
    for (let at = 0, to = y * wide; at < wide; at += 1, to += 1) averages[to] = (2 * sums[at] + count) / (2 * count);
  }
  return averages;
}

function edges(length, parts) {
  const scale = length / parts;
  const from = new Uint32Array(parts);
  const to = new Uint32Array(parts);
  for (let part = 0; part < parts; part += 1) {
    const centre = (part + 0.5) * scale;
    from[part] = Math.max(0, Math.floor(centre - scale / 2 + 0.5));
    to[part] = Math.max(from[part] + 1, Math.min(length, Math.floor(centre + scale / 2 + 0.5)));
  }
  return { from, to };
}

// ------------------------------------------------------------------------------------------------ sharpness

/** Both axes over nine pixels; both diagonals over seven, nearly as long, where a step holds more of the grain. */
const DIRECTIONS = [{ across: 1, down: 0, half: 4, grain: 1 }, { across: 0, down: 1, half: 4, grain: 1 }, { across: 1, down: 1, half: 3, grain: 1.3 }, { across: 1, down: -1, half: 3, grain: 1.3 }];
const STRONGEST = 0.05;
const GRAIN_DISCOUNT = 0.7;
const LEAST_DETAIL = 0.02;
const DETAIL_OVER_GRAIN = 0.01;
const CELL = 8;
const TAIL = 0.001;
const MOST_TIMES = 4;
const BURNT = 246;
const BURNT_REACH = 3;
const MEDIAN_TO_LEVEL = 2 / (0.6745 * 6);

/** Crete's re-blur ratio, the least of four directions, and the same of the strongest 5 %; the grain taken off both. */
function sharpnessOf({ plane, width, height }, { low, times }) {
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
function stretchOf(plane) {
  const counts = new Uint32Array(256);
  for (const level of plane) counts[level] += 1;
  const aside = plane.length * TAIL;
  let low = 0;
  for (let left = aside - counts[0]; left >= 0 && low < 255; left -= counts[low]) low += 1;
  let high = 255;
  for (let left = aside - counts[255]; left >= 0 && high > 0; left -= counts[high]) high -= 1;
  return { low, times: Math.max(1, Math.min(MOST_TIMES, Math.floor(255 / Math.max(1, high - low)))) };
}

/** Dark or pale skin in as many levels as any other, before anything is averaged and rounded. */
function stretched({ plane, width, height }, { low, times }) {
  const table = new Uint8Array(256).map((_, level) => Math.max(0, Math.min(255, (level - low) * times)));
  return { plane: plane.map(level => table[level]), width, height };
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

/** The level of the grain: the median of what neighbours cannot explain. The outermost pixels count as explained by the kernel's shift. */
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

function cellMean(plane, width, height, column, row) {
  const right = Math.min(width, (column + 1) * CELL);
  const bottom = Math.min(height, (row + 1) * CELL);
  let sum = 0;
  for (let y = row * CELL; y < bottom; y += 1) for (let x = column * CELL; x < right; x += 1) sum += plane[y * width + x];
  const count = (right - column * CELL) * (bottom - row * CELL);
  return averageOf(sum, count);
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
  const lost = new Float64Array(256);
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

// ------------------------------------------------------------------------------------------------ light

const DARK = 15;
const BRIGHT = 250;
const NEAR_WHITE = 235;
const MOST_CHROMA = 20;
const LARGEST_SPOT = 0.02;
const SMALLEST_SPOT = 4;
const RING = 6;
const NEUTRAL = 16;
const TOO_DARK_TO_TELL = 100;
const LEAST_COLOURED = 5;
const RIM_DROP = 40;
const OUTSIDE = 2;

/** Clipped shares, glare, and whether a dermoscope's rim was left out. `frame` is RGB without a fourth byte. */
function lightOf(frame) {
  const { data, width, height } = frame;
  const pixels = width * height;
  const luma = new Uint8Array(pixels);
  const high = new Uint8Array(pixels);
  const low = new Uint8Array(pixels);
  const white = new Uint8Array(pixels);
  const counts = new Uint32Array(256);
  const bottom = [255, 255, 255];
  const top = [0, 0, 0];
  let whites = 0;
  for (let at = 0, from = 0; at < pixels; at += 1, from += 3) {
    const red = data[from];
    const green = data[from + 1];
    const blue = data[from + 2];
    luma[at] = (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
    counts[luma[at]] += 1;
    high[at] = red > green ? (red > blue ? red : blue) : green > blue ? green : blue;
    low[at] = red < green ? (red < blue ? red : blue) : green < blue ? green : blue;
    if (low[at] >= NEAR_WHITE && high[at] - low[at] < MOST_CHROMA) { white[at] = 1; whites += 1; }
    if (red < bottom[0]) bottom[0] = red;
    if (red > top[0]) top[0] = red;
    if (green < bottom[1]) bottom[1] = green;
    if (green > top[1]) top[1] = green;
    if (blue < bottom[2]) bottom[2] = blue;
    if (blue > top[2]) top[2] = blue;
  }
  const rim = vignette(luma, width, height);
  let glare = 0;
  let explained = 0;
  const around = { width, height, high, low };
  for (const spot of whites ? spotsOf(white, width, height) : []) {
    if (spot.area < SMALLEST_SPOT) continue;
    const shines = spot.area < LARGEST_SPOT * pixels && isGlare(spot, around);
    let burnt = 0;
    for (const [y, start, end] of spot.runs) for (let at = y * width + start; at < y * width + end; at += 1) if (luma[at] > BRIGHT) burnt += 1;
    if (shines) glare += burnt; // what shines is clipped; the lightest skin is not
    if (shines || isThing(spot, around)) explained += burnt;
  }
  let kept = 0;
  let mean = 0;
  let dark = 0;
  let bright = 0;
  for (let level = 0; level < 256; level += 1) {
    const seen = counts[level] - (rim ? rim[level] : 0);
    kept += seen;
    mean += level * seen;
    if (level < DARK) dark += seen;
    if (level > BRIGHT) bright += counts[level];
  }
  return {
    mean_luma: decimals(mean / kept, 1),
    dark_share: decimals(dark / kept, 4),
    bright_share: decimals(Math.max(0, bright - explained) / kept, 4),
    glare_share: decimals(glare / kept, 4),
    vignette: rim !== null,
    spread: Math.max(top[0] - bottom[0], top[1] - bottom[1], top[2] - bottom[2]),
  };
}

/** A small spot shines on something coloured; one that the picture cuts off is a thing. */
function isGlare(spot, { width, height, high, low }) {
  if (!spot.left || !spot.top || spot.right === width - 1 || spot.bottom === height - 1) return false;
  let coloured = 0;
  let neutral = 0;
  const seen = (x, y) => {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    const at = y * width + x;
    if (high[at] < TOO_DARK_TO_TELL || (high[at] - low[at]) * NEUTRAL >= high[at]) coloured += 1;
    else neutral += 1;
  };
  const left = spot.left - RING;
  const right = spot.right + RING;
  const top = spot.top - RING;
  const bottom = spot.bottom + RING;
  for (let x = left; x <= right; x += 1) { seen(x, top); seen(x, bottom); }
  for (let y = top + 1; y < bottom; y += 1) { seen(left, y); seen(right, y); }
  return coloured >= LEAST_COLOURED * neutral;
}

/** A white area ends at once, as paper does, and not little by little, as light on skin does. */
function isThing(spot, { width, low }) {
  let seen = 0;
  let drops = 0;
  const beyond = at => {
    if (low[at] >= NEAR_WHITE) return;
    seen += 1;
    if (low[at] <= 255 - RIM_DROP) drops += 1;
  };
  for (const [y, start, end] of spot.runs) {
    if (start - OUTSIDE >= 0) beyond(y * width + start - OUTSIDE);
    if (end + OUTSIDE - 1 < width) beyond(y * width + end + OUTSIDE - 1);
  }
  return drops * 2 > seen;
}

/** Areas of a mask that hang together by sides or corners: box, pixels and runs. */
function spotsOf(mask, width, height) {
  const runs = [];
  const parents = [];
  const root = number => {
    while (parents[number] !== number) { parents[number] = parents[parents[number]]; number = parents[number]; }
    return number;
  };
  let above = [0, 0];
  for (let y = 0; y < height; y += 1) {
    const first = runs.length;
    for (let x = 0, at = y * width; x < width; x += 1, at += 1) {
      if (!mask[at]) continue;
      const start = x;
      while (x < width && mask[y * width + x]) x += 1;
      at = y * width + x;
      const mine = runs.length;
      runs.push([y, start, x]);
      parents.push(mine);
      for (let other = above[0]; other < above[1]; other += 1) {
        if (runs[other][1] > x || runs[other][2] < start) continue;
        const one = root(mine);
        const two = root(other);
        parents[Math.max(one, two)] = Math.min(one, two);
      }
    }
    above = [first, runs.length];
  }
  const spots = new Map();
  runs.forEach(([y, start, end], number) => {
    const key = root(number);
    const spot = spots.get(key) ?? { left: start, top: y, right: end - 1, bottom: y, area: 0, runs: [] };
    spots.set(key, spot);
    spot.left = Math.min(spot.left, start);
    spot.right = Math.max(spot.right, end - 1);
    spot.bottom = y;
    spot.area += end - start;
    spot.runs.push([y, start, end]);
  });
  return spots.values();
}

const RIM = 40;
const DISC = 0.3;
const MOST_RIM_IN_DISC = 0.02;

/** The histogram of a dermoscope's rim, null without one. It is what is dark and hangs together with all four corners, while the disc in the middle is free of it. */
function vignette(luma, width, height) {
  const wide = Math.ceil(width / CELL);
  const high = Math.ceil(height / CELL);
  const mean = (column, row) => cellMean(luma, width, height, column, row);
  const corners = [0, wide - 1, (high - 1) * wide, high * wide - 1];
  if (corners.some(corner => mean(corner % wide, Math.floor(corner / wide)) >= RIM)) return null;
  const cells = new Uint8Array(wide * high);
  for (let at = 0; at < cells.length; at += 1) cells[at] = mean(at % wide, Math.floor(at / wide));
  const inside = new Uint8Array(wide * high);
  const waiting = [...corners];
  while (waiting.length) {
    const at = waiting.pop();
    if (inside[at] || cells[at] >= RIM) continue;
    inside[at] = 1;
    const x = at % wide;
    if (x) waiting.push(at - 1);
    if (x < wide - 1) waiting.push(at + 1);
    if (at >= wide) waiting.push(at - wide);
    if (at < wide * (high - 1)) waiting.push(at + wide);
  }
  const reach = DISC * Math.min(wide, high);
  let disc = 0;
  let taken = 0;
  cells.forEach((value, at) => {
    const across = (at % wide) - (wide - 1) / 2;
    const down = Math.floor(at / wide) - (high - 1) / 2;
    if (across * across + down * down > reach * reach) return;
    disc += 1;
    if (value < RIM) taken += 1;
  });
  if (taken > disc * MOST_RIM_IN_DISC) return null;
  const counts = new Uint32Array(256);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) if (inside[Math.floor(y / CELL) * wide + Math.floor(x / CELL)]) counts[luma[y * width + x]] += 1;
  }
  return counts;
}
