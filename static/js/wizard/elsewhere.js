/**
 * What became elsewhere of the requests that this phone keeps a copy of: one that was sent goes from here once its pictures
 * have left, one that was thrown away or has lapsed at once. What the server does not have stays, and is told.
 */
import { alone } from './alone.js';
import { BY_ITSELF, call, Refused, Unreachable } from './api.js';
import { all, get, remove, removePicture } from './kept-records.js';
import { ownerId, sealJson, unsealJson } from './key.js';
import { mainRole } from './queue.js';
import { mark, put, troubleNow } from './store.js';

/** No other answer says that it is gone: a case that is not found may be another person's, or of a service just restored. */
const GONE = ['discarded', 'erased'];
const NOT_IN_IT = 'Prise sur cet appareil, elle n’est pas dans la demande envoyée.';

const asked = new Set();
const left = new Map();

/** {words, pictures}: what only this phone has of a request that the server has no more; undefined of any other. */
export const onlyHere = id => left.get(id);

const hasCopy = ({ revision, wanted }) => revision > 0 && !wanted;

/** Each is asked about once; one that gets no answer, or that another page has in hand, the next time. True when something changed. */
export async function askOfCopies(records) {
  let changed = false;
  for (const { id } of records.filter(hasCopy)) {
    if (asked.has(id)) continue;
    asked.add(id);
    const told = await alone(`dermavis-draft-${id}`, () => askOf(id));
    if (told === undefined) asked.delete(id);
    changed ||= Boolean(told);
  }
  return changed;
}

/** True: something changed; false: it stands as it stood; undefined: nobody said. */
async function askOf(id) {
  const record = await get('drafts', id);
  const kept = record && await unsealJson(record, `drafts:${id}`).catch(() => null);
  if (!kept || kept.receipt || record.owner !== ownerId() || !hasCopy(record)) return false;
  const answer = await read(`/api/v1/drafts/${id}`);
  const manifest = answer?.receipt && await read(`/api/v1/drafts/${id}/photos`);
  const pictures = await picturesOf(id);
  if (!answer || troubleNow() || (await get('drafts', id))?.at !== record.at) return undefined;
  if (answer.gone) return letGo(record, pictures);
  // Of words that were not sent the list asks by itself what became of them.
  if (record.dirty || answer.receipt?.id !== id || !answer.receipt.number) return false;
  if (!manifest?.photos) return undefined;
  await finish(record, kept, answer.receipt, await withArrived(manifest.photos, pictures));
  return true;
}

/** Null for whatever is no answer to the question: no line, signed out, somebody else's session. */
async function read(path) {
  try {
    return await call('GET', path, { headers: BY_ITSELF, quiet: true });
  } catch (error) {
    if (error instanceof Refused) return GONE.includes(error.code) ? { gone: true } : null;
    if (error instanceof Unreachable) return null;
    throw error;
  }
}

/** Those that lie here, each [record, what is sealed in it or null]. */
async function picturesOf(id) {
  const records = await all('pictures', record => record.draft === id);
  return Promise.all(records.map(async record => [record, await unsealJson(record, `pictures:${record.id}`).catch(() => null)]));
}

/** The server never had the picture that an expert would see, nor did another device take it. The full-size one follows only a request that was sent. */
const isOnlyHere = ([, picture]) => !(picture?.elsewhere || picture?.done?.[mainRole(picture)]);

async function letGo({ id, dirty: words }, here) {
  const pictures = here.filter(isOnlyHere).length;
  if (words || pictures) {
    left.set(id, { words, pictures });
    return true;
  }
  for (const [picture] of here) await removePicture(picture.id);
  for (const table of ['copies', 'drafts']) await remove(table, id);
  return true;
}

/** A picture whose answer was lost has arrived all the same: the service says so. */
function withArrived(told, pictures) {
  const there = new Set(told.filter(({ state }) => state === 'verified').map(({ id }) => id));
  return Promise.all(pictures.map(async each => {
    const [record, picture] = each;
    if (!picture || !isOnlyHere(each) || !there.has(record.id)) return each;
    const arrived = { ...picture, state: 'verified', done: { ...picture.done, [mainRole(picture)]: true } };
    await putSealed('pictures', record, arrived);
    return [record, arrived];
  }));
}

/** As if it had been sent from here: the queue sends what is left of its pictures, and forgets it. One that was taken out elsewhere is told, not sent. */
async function finish(record, kept, receipt, pictures) {
  const out = pictures.filter(isOnlyHere);
  for (const [one, picture] of out) {
    if (picture) await putSealed('pictures', one, { ...picture, prepared: true, state: 'refused', originalRefused: NOT_IN_IT });
  }
  const late = out.map(() => ({ label: 'Photo', mine: NOT_IN_IT, picture: true, whole: true }));
  await putSealed('drafts', record, { ...kept, receipt: { ...receipt, late } });
  mark('pictures', true);
  import('./outbox.js').then(({ emptyOutbox }) => emptyOutbox());
}

const putSealed = async (table, record, content) => put(table, { ...record, ...(await sealJson(content, `${table}:${record.id}`)) });
