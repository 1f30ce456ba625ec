/** What a live frame shows of the reference card, from the corners of its code: whole, near enough, in front, its greys. */
import layout from './card-layout.js';

const STEEPEST = 30;
const LUMA = [0.2126, 0.7152, 0.0722];
const CLIPPED = 250;
const DARKEST = 8;
const SAMPLES = 7;
const INNER = 0.4;
const LEAST_USABLE = 0.9;
const OUTSIDE = 0.02;
const LINEAR = Float64Array.from({ length: 256 }, (_, level) => (level <= 10 ? level / 255 / 12.92 : ((level / 255 + 0.055) / 1.055) ** 2.4));

/** What to say, the first that holds: state in a word, and what to do. */
const WORDS = [
  { reason: 'cut', state: 'coupée', advice: 'Reculez\u00a0: la carte entière dans l’image' },
  { reason: 'small', state: 'petite', advice: 'Approchez un peu de la carte' },
  { reason: 'tilted', state: 'penchée', advice: 'Tenez le téléphone en face de la carte' },
  { reason: 'uneven', state: 'ombrée', advice: 'Lumière inégale\u00a0: ôtez l’ombre de la carte' },
  { reason: 'cast', state: 'teintée', advice: 'Lumière trop colorée\u00a0: allez près d’une fenêtre' },
];

export const isCard = text => text.startsWith(layout.payload) && text.length <= layout.payload.length + 2;

/**
 * `corners` of the code, from the top left clockwise, as {x, y} in pixels of the frame {data (RGBA), width, height}.
 * Returns {found: {module (px at 1280), tilt (degrees), cast, uneven}, reason, state, advice}; no reason where all is well.
 */
export function lookAtCard(corners, frame) {
  const into = mapOf(corners);
  const found = { module: moduleOf(corners, frame), tilt: tiltOf(into), ...greysOf(into, frame) };
  const wrong = {
    cut: !isWhole(into, frame),
    small: found.module < layout.leastModule,
    tilted: found.tilt > STEEPEST,
    uneven: found.uneven >= layout.mostUneven,
    cast: found.cast > layout.mostCast,
  };
  const said = WORDS.find(({ reason }) => wrong[reason]);
  return { found, reason: said?.reason ?? '', state: said?.state ?? 'lue', advice: said?.advice ?? '' };
}

/**
 * From millimetres on the card to pixels, by three corners: the fourth has no finder and is often pixels off, which would
 * make a perspective of its own. Near the code, and not far from the front, that is near enough.
 */
function mapOf([corner, right, , below]) {
  const { left, top, size } = layout.code;
  const across = { x: (right.x - corner.x) / size, y: (right.y - corner.y) / size };
  const down = { x: (below.x - corner.x) / size, y: (below.y - corner.y) / size };
  const at = (x, y) => ({ x: corner.x + (x - left) * across.x + (y - top) * down.x, y: corner.y + (x - left) * across.y + (y - top) * down.y });
  return { at, across, down };
}

const moduleOf = (corners, { width, height }) => Math.min(...corners.map((one, at) => Math.hypot(one.x - corners[(at + 1) % 4].x, one.y - corners[(at + 1) % 4].y)))
  / layout.modules * 1280 / Math.max(width, height);

/** How much the code is flattened: its shorter axis over its longer one is the cosine. */
function tiltOf({ across, down }) {
  const sum = across.x ** 2 + across.y ** 2 + down.x ** 2 + down.y ** 2;
  const area = across.x * down.y - down.x * across.y;
  const rest = Math.sqrt(Math.max(0, sum * sum - 4 * area * area));
  return Math.acos(Math.min(1, Math.sqrt(Math.max(0, sum - rest) / (sum + rest)))) * 180 / Math.PI;
}

function isWhole(into, { width, height }) {
  return [[0, 0], [layout.width, 0], [layout.width, layout.height], [0, layout.height]].every(([x, y]) => {
    const place = into.at(x, y);
    return place.x >= -OUTSIDE * width && place.x <= (1 + OUTSIDE) * width && place.y >= -OUTSIDE * height && place.y <= (1 + OUTSIDE) * height;
  });
}

/** `cast`: the strongest channel over the weakest that would make the greys neutral; `uneven`: most light over least. 0 where it cannot be seen. */
function greysOf(into, frame) {
  const greys = layout.greys.map(each => patch(into, frame, each)).filter(Boolean);
  const lights = layout.lights.map(each => patch(into, frame, each)).filter(Boolean);
  const sums = [0, 1, 2].map(channel => greys.reduce((sum, colour) => sum + colour[channel], 0));
  const levels = lights.map(colour => LUMA.reduce((sum, weight, channel) => sum + weight * colour[channel], 0));
  return {
    cast: greys.length >= layout.leastGreys ? Math.max(...sums) / Math.min(...sums) : 0,
    uneven: lights.length === layout.lights.length ? Math.max(...levels) / Math.min(...levels) : 0,
  };
}

/** The mean linear colour of a patch's middle; null where it is clipped, too dark or out of the frame. */
function patch(into, { data, width, height }, [left, top, size]) {
  const sums = [0, 0, 0];
  let count = 0;
  for (let row = 0; row < SAMPLES; row += 1) {
    for (let column = 0; column < SAMPLES; column += 1) {
      const along = step => size * ((1 - INNER) / 2 + INNER * step / (SAMPLES - 1));
      const { x, y } = into.at(left + along(column), top + along(row));
      if (!(x >= 0 && x < width && y >= 0 && y < height)) return null;
      const at = 4 * (Math.floor(y) * width + Math.floor(x));
      const colour = [data[at], data[at + 1], data[at + 2]];
      if (Math.max(...colour) >= CLIPPED || Math.min(...colour) <= DARKEST) continue;
      colour.forEach((level, channel) => { sums[channel] += LINEAR[level]; });
      count += 1;
    }
  }
  return count < LEAST_USABLE * SAMPLES * SAMPLES ? null : sums.map(sum => sum / count);
}
