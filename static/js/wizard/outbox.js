/**
 * The queue of this phone: requests whose "Envoyer" was touched and that have no receipt yet, then the full-size pictures
 * of those that have one. Any page of DermAvis sends them, one at a time, and forgets what the server has acknowledged.
 */
import './presence.js';
import { alone } from './alone.js';
import { BY_ITSELF, Refused, Unreachable } from './api.js';
import { deliver } from './delivery.js';
import { reopen } from './kept-draft.js';
import { all, get, removePicture } from './kept-records.js';
import { inHand, keyFromServer, ownerId, unsealJson, useKey } from './key.js';
import { leaving } from './leaving.js';
import { Pictures } from './pictures.js';
import { Queue } from './queue.js';
import { forgetSent } from './sent.js';
import { mark, troubleNow } from './store.js';
import { unwant } from './wanting.js';

const LOOK = 30000;

let busy = false;
const taken = new Map();

/** Sends what waits, one after the other, in one tab at a time. A line that is down ends it until the next look. */
export async function emptyOutbox() {
  if (busy) return;
  busy = true;
  try {
    await alone('dermavis-outbox', sendAll);
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error; // signed out, or no network: the next look
  } finally {
    busy = false;
  }
}

async function sendAll() {
  if (!(await somethingWaits())) return tidy();
  const { key, person } = await keyFromServer({ quiet: true, headers: BY_ITSELF });
  if (!inHand()) await useKey(key, person);
  if (person !== ownerId()) return; // somebody else has signed in meanwhile, in another tab
  let trouble = null;
  for (const { id } of (await mine('drafts')).filter(record => record.wanted).sort((one, other) => one.at - other.at)) {
    await alone(`dermavis-draft-${id}`, () => sendWaiting(id)).catch(error => { trouble = error; }); // one that fails lets the others leave
  }
  await unmark();
  await sendPicturesOfSent();
  await tidy();
  if (trouble) throw trouble;
}

/** Known without the server: who is signed in stands in the page. */
const owner = () => ownerId() || document.body.dataset.person;

const mine = table => all(table, record => record.owner === owner());

const read = record => unsealJson(record, `drafts:${record.id}`).catch(() => ({}));

/** The server is not asked where nothing of this person's waits. As long as no key is in hand, what is sealed may be a sent request. */
async function somethingWaits() {
  if (!owner()) return true;
  const drafts = await mine('drafts');
  if (drafts.some(record => record.wanted)) return true;
  if (!inHand()) return drafts.length > 0;
  return (await Promise.all(drafts.map(read))).some(kept => kept.receipt);
}

async function sendWaiting(id) {
  const up = await takeUp(id);
  const { draft } = up;
  if (!draft?.wanted) return letGo(id, draft);
  draft.resting = false;
  leaving(id, {});
  try {
    await sendTakenUp(up);
  } finally {
    await draft.sending?.catch(() => {});
    draft.resting = true;
    await draft.keeping;
    leaving(id, null);
    if (!draft.wanted) letGo(id, draft);
  }
  dispatchEvent(new CustomEvent('dermavis:outbox', { detail: { id, number: draft.receipt?.number ?? '' } }));
}

/** One that the server refuses keeps its reason. */
async function sendTakenUp(up, again = 2) {
  const { draft, pictures, queue } = up;
  try {
    const told = await deliver(draft, pictures, queue);
    if (told?.receipt) draft.finish(told.receipt);
    else if (told?.bad) unwant(draft, 'Une photo est à reprendre.');
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code === 'already_sent') draft.finish({ ...error.body.receipt, late: error.body.differences });
    else if (error.status === 412) {
      await settle(draft, error.body);
      if (draft.wanted && again) await sendTakenUp(up, again - 1);
    } else if (error.code === 'old_client') tellOld(error);
    else if (error.code !== 'pictures_pending' && error.status !== 401) unwant(draft, error.message);
  }
}

/** It stays in the queue: the page that is loaded next is of today's release. */
async function tellOld(error) {
  if (document.querySelector('#toasts [data-old]') || 'draftOpen' in document.body.dataset) return;
  const { toast } = await import('../announce.js');
  toast(error.message, { label: 'Mettre à jour', run: () => location.reload() })?.setAttribute('data-old', '');
}

/** The server stands at another revision: the same text goes on, another one waits for its writer. */
async function settle(draft, theirs) {
  await draft.meet(theirs);
  if (draft.standing === 'conflict') unwant(draft, 'Elle a changé ailleurs\u00a0: relisez-la.');
}

/**
 * {draft, pictures, queue}: kept while the line is down, and its pictures go on where they stood. Between two looks
 * another window may have it, so it rests; what that one wrote is what goes on.
 */
async function takeUp(id) {
  const up = taken.get(id) ?? {};
  const record = await get('drafts', id); // none: the phone's memory is silent, or it was sent from elsewhere and the server says so
  if (up.draft && (!record || record.at === up.draft.at)) return up;
  retire(up.draft);
  const draft = (up.draft = await reopen(id, {}));
  if (!draft?.wanted) return up;
  up.pictures ??= new Pictures(draft);
  up.queue ??= new Queue(draft, up.pictures);
  up.pictures.draft = up.queue.draft = draft;
  await up.pictures.load();
  taken.set(id, up);
  return up;
}

function letGo(id, draft) {
  retire(draft);
  taken.delete(id);
}

/** It neither writes nor hears any more. */
function retire(draft) {
  if (!draft) return;
  draft.resting = true;
  draft.tabs.close();
}

/** Full-size pictures that were still on their way when the request's page was left. */
async function sendPicturesOfSent() {
  for (const record of await mine('drafts')) {
    const kept = await read(record);
    if (kept.receipt) await sendPicturesOf(record.id, kept);
  }
}

/** Pictures whose request is gone go too; what could not be read is not gone. */
async function tidy() {
  const kept = new Set((await mine('drafts')).map(record => record.id));
  const orphans = await all('pictures', record => record.owner === owner() && !kept.has(record.draft));
  if (troubleNow()) return;
  for (const { id } of orphans) await removePicture(id);
  if (!(await all('pictures', () => true)).length) mark('pictures', false);
  await unmark();
}

/** The other pages hear that nothing waits to leave. */
async function unmark() {
  if (!(await all('drafts', record => record.wanted)).length && !troubleNow()) mark('outbox', false);
}

/** A sent request as the queue of its pictures wants it: nothing of it changes any more. */
async function sendPicturesOf(id, { receipt, local }) {
  const sent = { id, receipt, local, revision: 1, path: `/api/v1/drafts/${id}`, content: { photos: [] }, push: async () => {} };
  const pictures = new Pictures(sent);
  await pictures.load();
  if (!pictures.list.length) return forgetSent(id);
  const queue = new Queue(sent, pictures);
  queue.kick();
  return queue.ended;
}

const look = () => emptyOutbox();
for (const name of ['online', 'pageshow', 'focus']) addEventListener(name, look);
document.addEventListener('visibilitychange', () => document.hidden || look());
navigator.serviceWorker?.addEventListener('message', ({ data }) => data?.type === 'outbox' && look());
setInterval(look, LOOK);
look();
