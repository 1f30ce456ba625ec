/**
 * Every screen by the name that the address shows. The first is in the page; the others come in waves, each asked for
 * while the wave before is being answered, so that the first screen waits for nothing.
 */
import { alerte, signe } from './flags.js';

const loaded = { alerte, signe };

const WAVES = [
  { names: ['patient', 'identite', 'coordonnees', 'accord'], load: () => Promise.all([import('./patient.js'), import('./identity.js'), import('./consent.js')]) },
  { names: ['motif', 'lesion', 'description', 'photo'], load: () => Promise.all([import('./motive.js'), import('./lesion.js'), import('./description.js'), import('./photo.js')]) },
  { names: ['histoire', 'terrain', 'hypothese', 'question'], load: () => Promise.all([import('./history.js'), import('./ask.js')]) },
  { names: ['destinataire', 'relecture', 'recu', 'attente'], load: () => Promise.all([import('./addressing.js'), import('./review.js'), import('./receipt.js')]) },
];

export const isScreen = name => name in loaded || WAVES.some(wave => wave.names.includes(name));

/** The screen's maker now, or a promise of it. */
export const screen = name => loaded[name] ?? bring(WAVES.find(wave => wave.names.includes(name))).then(() => loaded[name]);

function bring(wave) {
  wave.coming ??= wave.load().then(modules => Object.assign(loaded, ...modules)).catch(error => { wave.coming = null; throw error; });
  return wave.coming;
}

/** Asks for the wave after this screen's; a failure is tried again when the screen is needed. */
export function prepare(name) {
  const next = WAVES[WAVES.findIndex(wave => wave.names.includes(name)) + 1];
  if (next) bring(next).catch(() => {});
}
