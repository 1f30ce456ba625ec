/** Light of a whole picture, clipped shares and glare: as dermavis/adapters/imaging/light.py. */
import { brightness, CELL, cellMean, decimals } from './planes.js';
import { spotsOf } from './spots.js';

const DARK = 15;
const BRIGHT = 250;
const NEAR_WHITE = 235;
const WHITER = 247; // of a large near-white area that is no thing: the lightest skin is near-white itself
const MOST_CHROMA = 20;
const LARGEST_SPOT = 0.02;
const LARGEST_THING = 0.5; // beyond that it is burnt, or leaves too little to look at, however it ends
const SMALLEST_SPOT = 4;
const RING = 6;
const NEUTRAL = 32;
const TOO_DARK_TO_TELL = 100;
const LEAST_COLOURED = 5;
const ENDED = { [NEAR_WHITE]: 215, [WHITER]: 242 };
const OUTSIDE = 2;
const RIM = 40;
const DISC = 0.3;
const MOST_RIM_IN_DISC = 0.02;

/** Clipped shares, glare, and whether a dermoscope's rim was left out. `frame` is RGB without a fourth byte. */
export function lightOf(frame) {
  const { data, width, height } = frame;
  const pixels = width * height;
  const luma = new Uint8Array(pixels);
  const high = new Uint8Array(pixels);
  const low = new Uint8Array(pixels);
  const white = new Uint8Array(pixels);
  const counts = new Uint32Array(256);
  const bottom = [255, 255, 255];
  const top = [0, 0, 0];
  for (let at = 0, from = 0; at < pixels; at += 1, from += 3) {
    const red = data[from];
    const green = data[from + 1];
    const blue = data[from + 2];
    luma[at] = brightness(red, green, blue);
    counts[luma[at]] += 1;
    high[at] = red > green ? (red > blue ? red : blue) : green > blue ? green : blue;
    low[at] = red < green ? (red < blue ? red : blue) : green < blue ? green : blue;
    if (low[at] >= NEAR_WHITE && high[at] - low[at] < MOST_CHROMA) white[at] = low[at] >= WHITER ? 2 : 1;
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
  const burns = counts.subarray(BRIGHT + 1).some(count => count > 0);
  for (const [spot, thing] of burns ? whiteSpots(white, around) : []) {
    const shines = spot.area < LARGEST_SPOT * pixels && isGlare(spot, around);
    let burnt = 0;
    for (const [y, start, end] of spot.runs) for (let at = y * width + start; at < y * width + end; at += 1) if (luma[at] > BRIGHT) burnt += 1;
    if (shines) glare += burnt; // what shines is clipped; the lightest skin is not
    if (shines || thing) explained += burnt;
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

/** The white areas that are large enough to look at, and whether each is a thing. `white`: 2 where it is whiter. */
function* whiteSpots(white, around) {
  const { width, height } = around;
  const seen = mask => [...spotsOf(mask, width, height)].filter(({ area }) => area >= SMALLEST_SPOT);
  for (const spot of seen(white)) {
    const thing = isThing(spot, around, NEAR_WHITE);
    if (thing || spot.area < LARGEST_SPOT * width * height) {
      yield [spot, thing];
      continue;
    }
    const alone = new Uint8Array(white.length);
    for (const [y, start, end] of spot.runs) for (let at = y * width + start; at < y * width + end; at += 1) alone[at] = white[at] === 2 ? 1 : 0;
    for (const part of seen(alone)) yield [part, isThing(part, around, WHITER)];
  }
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
function isThing(spot, { width, height, low }, level) {
  if (spot.area > LARGEST_THING * width * height) return false;
  let seen = 0;
  let drops = 0;
  const beyond = at => {
    if (low[at] >= level) return;
    seen += 1;
    if (low[at] <= ENDED[level]) drops += 1;
  };
  for (const [y, start, end] of spot.runs) {
    if (start - OUTSIDE >= 0) beyond(y * width + start - OUTSIDE);
    if (end + OUTSIDE - 1 < width) beyond(y * width + end + OUTSIDE - 1);
  }
  return drops * 2 > seen;
}

/** The histogram of a dermoscope's rim, null without one. It is what is dark and hangs together with all four corners, while the disc in the middle is free of it. */
function vignette(luma, width, height) {
  const wide = Math.ceil(width / CELL);
  const high = Math.ceil(height / CELL);
  const mean = (column, row) => cellMean(luma, width, height, column, row);
  const inside = (at, size) => (size > 2 ? Math.min(Math.max(at, 1), size - 2) : at);
  // A line drawn along the border hides no rim: the outermost cells are as dark as those inside of them.
  const darkest = (column, row) => Math.min(mean(column, row), mean(inside(column, wide), inside(row, high)));
  const corners = [0, wide - 1, (high - 1) * wide, high * wide - 1];
  if (corners.some(corner => darkest(corner % wide, Math.floor(corner / wide)) >= RIM)) return null;
  const cells = new Uint8Array(wide * high);
  for (let at = 0; at < cells.length; at += 1) cells[at] = darkest(at % wide, Math.floor(at / wide));
  const rim = new Uint8Array(wide * high);
  const waiting = [...corners];
  while (waiting.length) {
    const at = waiting.pop();
    if (rim[at] || cells[at] >= RIM) continue;
    rim[at] = 1;
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
    for (let x = 0; x < width; x += 1) if (rim[Math.floor(y / CELL) * wide + Math.floor(x / CELL)]) counts[luma[y * width + x]] += 1;
  }
  return counts;
}
