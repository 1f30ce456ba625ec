/** After an hour without a touch the page closes over what it shows, until the code of this phone, or the password, is given again. */
import { codeHere } from './code.js';
import { call, Refused, Unreachable } from './api.js';
import { coverWhenEnded } from './covering.js';
import { dropKey } from './held-key.js';

const IDLE = 3600e3;
const LOOK = 15000;
const LATER = 60e3;

let touched = Date.now();
let asking = false;

export function closeWhenIdle() {
  for (const name of ['pointerdown', 'keydown', 'input', 'scroll']) {
    addEventListener(name, () => { if (Date.now() - touched < IDLE) touched = Date.now(); }, { passive: true, capture: true });
  }
  for (const name of ['pageshow', 'focus']) addEventListener(name, look);
  document.addEventListener('visibilitychange', look);
  setInterval(look, LOOK);
}

async function look() {
  if (asking || Date.now() - touched < IDLE) return;
  asking = true;
  try {
    await ((await codeHere()) ? askForCode() : askServer());
  } finally {
    asking = false;
  }
}

async function askForCode() {
  dropKey();
  const { askCode } = await import('./code-sheet.js');
  await askCode({ title: 'Toujours là\u00a0?', words: 'Après une heure sans activité, DermAvis redemande le code de cet appareil. Tout ce que vous avez saisi est gardé.', closed: true, act: openSession });
  touched = Date.now();
}

/** With no code it is the session that has ended, unless its person was at another page: asked again soon. */
async function askServer() {
  await coverWhenEnded();
  touched = Date.now() - IDLE + LATER;
}

/** What the code opened unlocks the session too, where there is network; a session that is not locked needs nothing. */
export async function openSession({ proof }) {
  try {
    await call('POST', '/api/v1/session', { body: { proof }, quiet: true });
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
  }
  return '';
}
