/**
 * Cases kept on this device to be read without network, as a choice: a requester's last opinions, the open cases of an
 * expert. Sealed by the person's key, and gone with the code that opens it. The page of each is words (cases) and
 * pictures (casePictures).
 */
import { BY_ITSELF, call, Refused, send, Unreachable } from './api.js';
import { inHand, keyFromServer, ownerId, seal, sealJson, unseal, unsealJson, useKey } from './key.js';
import { all, get, remove } from './kept-records.js';
import { mark, put, run } from './store.js';

const CHOSEN = 'dermavis-cases';
const PAUSE = 5 * 60e3;
const DAY = 864e5;
/** Not renewed for longer than this, a copy is not shown any more: who may read the case may have changed. */
const LONGEST = 14 * DAY;
const ROOM = 200e6;
const PATIENCE = 60e3;
const TABLES = ['cases', 'casePictures'];

export const keepsCases = () => Boolean(localStorage.getItem(CHOSEN));

export const startKeeping = () => mark('cases', true);

/** Whether nothing is left; what could not be cleared is not shown any more. */
export async function stopKeeping() {
  mark('cases', false);
  let cleared = true;
  for (const table of TABLES) await run('readwrite', table, store => store.clear()).catch(() => { cleared = false; });
  return cleared;
}

/** Brings the copies up to date where that was not done a moment ago. Resolves to whether all are; a lost line, or a session that ends, is tried again with the next page. */
export async function renewKept({ now = false } = {}) {
  if (!keepsCases() || (!now && Date.now() - Number(localStorage.getItem(CHOSEN)) < PAUSE)) return true;
  const alone = act => (navigator.locks ? navigator.locks.request(CHOSEN, { ifAvailable: !now }, act) : act(true));
  try {
    return Boolean(await alone(mine => mine && renew()));
  } catch (error) {
    if (error instanceof Unreachable || error instanceof Refused) return false;
    throw error;
  }
}

async function renew() {
  if (!inHand()) {
    const { key, person } = await keyFromServer({ headers: BY_ITSELF, quiet: true });
    await useKey(key, person);
  }
  const { cases } = await call('GET', '/api/v1/kept-cases', { headers: BY_ITSELF, quiet: true });
  const here = new Map((await all('cases', mine)).map(record => [record.id, record]));
  for (const id of here.keys()) if (!cases.some(wanted => wanted.id === id)) await drop(id);
  if (keepsCases()) localStorage.setItem(CHOSEN, String(Date.now()));
  let whole = true;
  for (const { id, stamp } of cases) {
    const record = here.get(id);
    if (record?.stamp === stamp && Date.now() - record.at < DAY) continue;
    if (!(await hasRoom())) return false;
    // One that cannot be copied lets the others be.
    whole = (await copy(id, stamp)) && whole;
  }
  return whole;
}

const mine = record => record.owner === ownerId();

async function hasRoom() {
  const { quota = Infinity, usage = 0 } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  return quota - usage > ROOM;
}

async function copy(id, stamp) {
  const told = await call('GET', `/api/v1/kept-cases/${id}`, { headers: BY_ITSELF, quiet: true }).catch(error => {
    if (error instanceof Refused && error.status === 404) return null; // left the list meanwhile
    throw error;
  });
  if (!told) return true;
  const pictures = [];
  for (const address of told.pictures) {
    const bytes = await send('GET', address, { headers: BY_ITSELF }, { patience: PATIENCE, read: readImage });
    if (!bytes) return false;
    pictures.push(await seal(bytes, `casePictures:${id}:${address}`));
  }
  const owner = ownerId();
  const kept = (await put('casePictures', { id, owner, pictures })) && (await put('cases', { id, owner, stamp, at: Date.now(), ...(await sealJson(told, `cases:${id}`)) }));
  // Chosen off meanwhile, in another tab: nothing is laid down any more.
  if (kept && keepsCases()) return true;
  await drop(id);
  return false;
}

const readImage = answer => (answer.ok && answer.headers.get('Content-Type')?.startsWith('image/') ? answer.arrayBuffer() : null);

const drop = async id => { for (const table of TABLES) await remove(table, id); };

/** How many copies somebody has here, and when the last was made; no key is needed to tell. */
export async function countKept(person) {
  const records = await all('cases', record => record.owner === person);
  return { number: records.length, at: Math.max(0, ...records.map(record => record.at)) };
}

/** [{id, at, name, number, words, part, moment}], what is to be answered first by its time, then the opinions, the last first. */
export async function keptCases() {
  if (!keepsCases()) return [];
  const rows = [];
  for (const record of await all('cases', mine)) {
    const told = await read(record);
    if (told) rows.push({ id: record.id, at: record.at, ...told });
  }
  const toAnswer = row => (row.part === 'expert' ? 0 : 1);
  const turn = row => (row.part === 'expert' ? 1 : -1);
  return rows.sort((one, other) => toAnswer(one) - toAnswer(other) || turn(one) * one.moment.localeCompare(other.moment));
}

async function read(record) {
  if (Date.now() - record.at > LONGEST) return drop(record.id);
  return unsealJson(record, `cases:${record.id}`).catch(() => null);
}

/** {at, html, number, addresses: Map address → address of the picture in this page}; null for a case that is not here. */
export async function openKept(id) {
  const record = keepsCases() && (await get('cases', id));
  const told = record && (await read(record));
  if (!told) return null;
  const { pictures = [] } = (await get('casePictures', id)) ?? {};
  const addresses = new Map();
  for (const [at, sealed] of pictures.entries()) {
    // Bound to its address: one of another copy does not open under these words, and is not shown.
    const bytes = await unseal(sealed, `casePictures:${id}:${told.pictures[at]}`).catch(() => null);
    if (bytes) addresses.set(told.pictures[at], URL.createObjectURL(new Blob([bytes], { type: 'image/jpeg' })));
  }
  return { ...told, at: record.at, addresses };
}

const DATED = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' };

/** "27 nov., 14 h 05" */
export const whenKept = at => new Date(at).toLocaleString('fr', DATED).replace(':', '\u00a0h\u00a0');
