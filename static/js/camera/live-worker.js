/** Looks at live frames away from the page. Out: {colour, findings, state, advice, still, took (ms)}. */
import { adviceWords, look, stateWords } from './measures.js';
import { answer } from './pixels.js';

const GRID = 24;
/** Mean change of a cell's brightness from one frame to the next, of 255, above which the hand moves. */
const MOVES = 3.5;

let before = null;

answer(pixels => {
  const said = look(pixels);
  return { ...said, state: stateWords(said.findings), advice: adviceWords(said.findings), still: isStill(pixels) };
});

function isStill({ data, width, height }) {
  const now = new Float32Array(GRID * GRID);
  for (let cell = 0; cell < now.length; cell += 1) now[cell] = brightness(data, width, Math.floor((cell % GRID) * width / GRID), Math.floor(Math.floor(cell / GRID) * height / GRID), width / GRID);
  const change = before ? now.reduce((sum, value, cell) => sum + Math.abs(value - before[cell]), 0) / now.length : Infinity;
  before = now;
  return change < MOVES;
}

function brightness(data, width, left, top, size) {
  let sum = 0;
  let count = 0;
  for (let y = 0; y < size; y += 4) {
    for (let x = 0; x < size; x += 4) {
      const at = 4 * ((top + y | 0) * width + (left + x | 0));
      sum += data[at + 1] ?? 0;
      count += 1;
    }
  }
  return sum / count;
}
