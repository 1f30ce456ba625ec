/**
 * What is measured on a picture, and what it means: the same whole numbers as dermavis/adapters/imaging/measures.py,
 * judged by the limits of quality-rules.js. Pure functions over {data, width, height} (RGBA); no DOM.
 *
 * judge(picture, originalLongSide) is for the final picture, look(frame) for a live one of about 480 × 360.
 */
import { lightOf } from './light.js';
import { cut, lumaOf, reducedColours, shrunkPlane } from './planes.js';
import rules from './quality-rules.js';
import { sharpnessOf, stretched, stretchOf } from './sharpness.js';

const FRAME = 480;
const REGION = 640;
const REGION_SHARE = 0.7;
const SHARE_IN_VIGNETTE = 0.5;
const RANK = { green: 0, amber: 1, red: 2 };

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
