/** Brought in once a request is being used. */
import './code-watch.js';
import './covering.js';
import './line.js';
import './outbox.js';
import { keepAddressing, keepFacts } from './facts.js';
import { closeWhenIdle } from './idle.js';
import { tellStubs } from './stubs.js';

/** What this page may need later: fetched while the line holds, and all of one release whatever the server changes to meanwhile. */
const LATER = ['screens/patient', 'screens/identity', 'screens/consent', 'screens/motive', 'screens/lesion', 'screens/description', 'screens/photo', 'screens/history', 'screens/ask',
  'screens/addressing', 'screens/review', 'screens/receipt', 'screens/missing', 'equipment', 'picture', '../camera/measures', 'tus', 'wanting', 'sending', 'left-out', 'sent', 'outbox', 'storage-trouble', 'field-errors', 'conflict', 'discard', 'discard-closed', 'marking', '../marks',
  'session', 'code', 'code-sheet', 'held-key', 'device-orders', 'kept-cases', 'scan', 'camera', '../announce', '../scan/library'];

export async function settleIn(page) {
  closeWhenIdle();
  bringAhead();
  if ('offline' in page) return;
  tellStubs();
  setInterval(tellStubs, 60000);
  if (localStorage.getItem('dermavis-code')) import('../scan/library.js').then(library => library.bringAhead());
  await Promise.all([keepFacts(page), keepAddressing(page.specialty)]);
}

async function bringAhead() {
  for (const name of LATER) await import(`./${name}.js`).catch(() => {}); // asked for again where it is needed
}
