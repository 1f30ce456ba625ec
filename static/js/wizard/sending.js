/** "Envoyer" on the request's own page: delivered until the receipt is in hand, or left to leave by itself. */
import { Refused, Unreachable } from './api.js';
import { deliver } from './delivery.js';
import { icon, renew } from './dom.js';
import { tell } from './frame.js';
import { lesionLabel } from './lesions.js';
import { tellOld } from './line.js';
import { view } from './specialty.js';
import { addressingKnown, numbers, numberWords } from './urgent.js';
import { unwant, want } from './wanting.js';

const FIRST_PAUSE = 1500;
const LONGEST_PAUSE = 15000;
const LONGEST_TURN = 60000;
const SOON = 800;
const URGENT_PATIENCE = 4000;
let running = false;
let slow = 0;
let page = null; // the screen that stands, or stood last: what is to be said is said there

/**
 * `shown`: {send: the button, told: the line of progress, call: whom to telephone meanwhile, lacks(missing, words)}. A
 * second tap while it runs does nothing, unless the request was taken back meanwhile.
 */
export async function sendRequest(w, shown) {
  page = shown;
  busy(page, true);
  want(w.draft);
  clearTimeout(slow);
  slow = setTimeout(() => telephoneMeanwhile(w), URGENT_PATIENCE);
  if (running) return;
  running = true;
  try {
    await inTurn(w, () => untilReceived(w));
  } finally {
    clearTimeout(slow);
    running = false;
    busy(page, false);
    if (page.call) page.call.hidden = true;
  }
}

/** A request taken up again that was to leave, or that another tab was to send: its own page goes on with it. */
export function goOnSending(w) {
  if (!running) sendRequest(w, { send: null, told: { hidden: true, textContent: '' }, lacks: () => {} });
}

/** One tab sends; another that has the request open goes on where that one is closed, or sleeps. */
async function inTurn(w, work) {
  if (w.content.urgency === 'urgent' || !navigator.locks || !AbortSignal.timeout) return work();
  let mine = false;
  const waits = setTimeout(() => { if (!mine && w.draft.wanted && w.place !== 'attente') w.enter('attente', 'push'); }, SOON);
  try {
    return await navigator.locks.request(`dermavis-sending-${w.draft.id}`, { signal: AbortSignal.timeout(LONGEST_TURN) }, () => { mine = true; return work(); });
  } catch (error) {
    if (mine) throw error;
    return await work(); // the service takes a request once, however many bring it
  } finally {
    clearTimeout(waits);
  }
}

function busy({ send }, is) {
  for (const name of ['aria-busy', 'aria-disabled']) if (is) send?.setAttribute(name, 'true'); else send?.removeAttribute(name);
  send?.querySelector('.icon').replaceWith(icon(is ? 'loader-circle' : 'send'));
}

function say(words) {
  page.told.hidden = !words;
  if (page.told.textContent !== words) page.told.textContent = words;
}

/** As long as it is wanted: one that was taken back meanwhile is not taken up again. */
async function untilReceived(w) {
  for (let pause = FIRST_PAUSE; w.draft.wanted; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      const told = await deliver(w.draft, w.pictures, w.queue, say);
      say('');
      if (told?.receipt) w.draft.finish(told.receipt);
      else if (told?.bad) tellBad(w, told.bad);
      return;
    } catch (error) {
      if (error.code === 'old_client') return waitForUpdate(w, error);
      if (error instanceof Refused) return refused(w, error);
      if (!(error instanceof Unreachable)) throw error;
      if (w.content.urgency === 'urgent') return await telephone(w);
      if ((await w.draft.keeping) === false) say('Pas de réseau, et ce téléphone ne garde rien\u00a0: laissez cette page ouverte, l’envoi se répète.');
      else if (w.place !== 'attente') w.enter('attente', 'push');
      await restOrLine(w.draft, error.retryAfter || pause);
    }
  }
}

/** It leaves by itself once this page is of today's release. */
function waitForUpdate(w, error) {
  say('');
  if (w.content.urgency !== 'urgent' && w.place !== 'attente') w.enter('attente', 'push');
  tellOld(w, error);
}

/** A bad picture is told on its view. */
function tellBad(w, bad) {
  const words = bad.length > 1 ? 'Des photos sont à reprendre' : 'Une photo est à reprendre';
  if (w.place === 'attente') return unwant(w.draft, words);
  unwant(w.draft);
  page.lacks(bad.map(picture => ({ field: `photos.${picture.lesion ? `${picture.lesion}.` : ''}${picture.view}`, message: `${viewName(w.content, picture)}\u00a0: ${picture.message || 'à reprendre'}` })), words);
  return focusLacks();
}

const viewName = (content, picture) =>
  [view(picture.view)?.label, lesionLabel(content, content.lesions.find(one => one.id === picture.lesion)).toLowerCase()].filter(Boolean).join(', ');

async function refused(w, error) {
  say('');
  if (error.code === 'pictures_pending') {
    w.pictures.hear(error.body);
    for (const picture of w.pictures.list) if (picture.state === 'verified') picture.state = 'received';
    await restOrLine(w.draft, FIRST_PAUSE);
    return untilReceived(w);
  }
  if (error.code === 'already_sent') return w.draft.finish({ ...error.body.receipt, late: error.body.differences });
  if (error.status === 412) {
    await w.draft.meet(error.body);
    if (w.draft.standing === 'conflict') return unwant(w.draft, 'Elle a changé ailleurs\u00a0: relisez-la.');
    return untilReceived(w);
  }
  const missing = error.body.missing ?? Object.entries(error.fields).map(([field, message]) => ({ field, message }));
  w.draft.missing = missing;
  if (w.place === 'attente') return unwant(w.draft, error.message);
  unwant(w.draft);
  page.lacks(missing, missing.length ? '' : error.message);
  focusLacks();
  return undefined;
}

const focusLacks = () => document.getElementById('lacks')?.focus();

/** Urgent and no network means telephone, never a request that waits. */
async function telephone(w) {
  const known = await addressingKnown(w);
  say('');
  unwant(w.draft);
  page.lacks([], ['Pas de réseau\u00a0: une urgence se téléphone. Appelez\u00a0: ', numbers(known)]);
  tell(`Pas de réseau. Appelez\u00a0: ${numberWords(known)}`);
  focusLacks();
}

/** A line that answers nothing takes up to minutes to fail: within seconds the telephone stands beside the progress, which goes on. */
async function telephoneMeanwhile(w) {
  if (w.content.urgency !== 'urgent') return;
  const known = await addressingKnown(w);
  if (!running || !w.draft.wanted || !page.call) return;
  renew(page.call, 'L’envoi tarde. N’attendez pas, téléphonez\u00a0: ', numbers(known)).hidden = false;
  tell(`L’envoi tarde. N’attendez pas, téléphonez\u00a0: ${numberWords(known)}`);
}

/** Until the line may be back, or the person has taken the request back. */
const restOrLine = (draft, milliseconds) => new Promise(resolve => {
  const done = () => { clearTimeout(timer); draft.removeEventListener('wanted', done); for (const name of ['online', 'pageshow', 'focus']) removeEventListener(name, done); resolve(); };
  const timer = setTimeout(done, milliseconds);
  draft.addEventListener('wanted', done);
  for (const name of ['online', 'pageshow', 'focus']) addEventListener(name, done);
});

