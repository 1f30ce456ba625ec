/**
 * Judges pictures and live frames away from the page. In: {number, picture or frame: {data (its buffer given over),
 * width, height}, originalLongSide?}. Out: {number, measures, colour, findings, state, advice, data (given back)}.
 */
import { adviceWords, judge, look, stateWords } from './measures.js';

onmessage = ({ data: { number, picture, frame, originalLongSide } }) => {
  const { data, width, height } = picture ?? frame;
  const pixels = { data: new Uint8ClampedArray(data.buffer ?? data), width, height };
  const said = picture ? judge(pixels, originalLongSide) : look(pixels);
  postMessage({ number, ...said, state: stateWords(said.findings), advice: adviceWords(said.findings), data: pixels.data.buffer }, [pixels.data.buffer]);
};
