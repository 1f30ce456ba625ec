/** Brought in once a request is being used. */
import './code-watch.js';
import './line.js';
import './outbox.js';
import { keepAddressing, keepFacts } from './facts.js';
import { closeWhenIdle } from './idle.js';
import { tellStubs } from './stubs.js';

export async function settleIn(page) {
  closeWhenIdle();
  if ('offline' in page) return;
  setInterval(tellStubs, 60000);
  if (localStorage.getItem('dermavis-code')) import('../scan/library.js').then(({ bringAhead }) => bringAhead());
  await Promise.all([keepFacts(page), keepAddressing(page.specialty)]);
}
