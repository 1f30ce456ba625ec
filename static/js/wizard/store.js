/**
 * What this phone keeps: drafts, pictures and their bytes, what a request begins with (facts), each sealed by key.js
 * before it comes here, cases to read without network, and the wrapped key itself (keys). In clear there are only ids, the owner's id and times. When the browser's database is full, silent or dying,
 * the same calls go to memory and `storeTrouble` says why.
 */

const NAME = 'dermavis';
const VERSION = 3;
const PATIENCE = 5000;
export const TABLES = ['drafts', 'pictures', 'bytes', 'copies', 'facts', 'keys', 'cases', 'casePictures'];

/** A word to the other pages about this phone ('pictures' wait, a request stands 'here' alone, it has a 'code'), not of what or whose. */
export function mark(word, holds) {
  try {
    if (holds) localStorage.setItem(`dermavis-${word}`, '1');
    else localStorage.removeItem(`dermavis-${word}`);
  } catch {
    // Without this storage the wizard's own page still does what it must.
  }
}

const memory = Object.fromEntries(TABLES.map(table => [table, new Map()]));
const trouble = new EventTarget();
let database = null;
let opening = null;
let failed = '';

/** Calls back with 'full', 'silent' or 'broken' when the phone cannot keep what is typed. */
export function onTrouble(tell) {
  trouble.addEventListener('trouble', event => tell(event.detail));
  if (failed) tell(failed);
}

function say(kind) {
  if (failed === kind) return;
  failed = kind;
  trouble.dispatchEvent(new CustomEvent('trouble', { detail: kind }));
}

function openOnce() {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('silent')), PATIENCE);
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const table of TABLES) {
        if (!request.result.objectStoreNames.contains(table)) request.result.createObjectStore(table, { keyPath: 'id' });
      }
    };
    request.onblocked = () => say('blocked');
    request.onerror = () => { clearTimeout(timer); reject(request.error); };
    request.onsuccess = () => {
      clearTimeout(timer);
      request.result.onversionchange = () => { request.result.close(); database = null; };
      request.result.onclose = () => { database = null; };
      resolve(request.result);
    };
  });
}

async function open() {
  if (database) return database;
  opening ??= openOnce();
  try {
    database = await opening;
    return database;
  } finally {
    opening = null;
  }
}

/** One transaction; a connection that died is opened again once. */
export async function run(mode, table, work, again = true) {
  try {
    const opened = await open();
    return await new Promise((resolve, reject) => {
      const transaction = opened.transaction(table, mode, { durability: 'strict' });
      const request = work(transaction.objectStore(table));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? request.error);
    });
  } catch (error) {
    if (['QuotaExceededError', 'DataCloneError'].includes(error?.name)) throw error;
    database = null;
    if (again && error?.message !== 'silent') return run(mode, table, work, false);
    throw error;
  }
}

/** Kept: true when the phone holds it durably, false when only this page's memory does. */
export async function put(table, record) {
  memory[table].set(record.id, record);
  if (failed === 'silent' || failed === 'broken') return false;
  try {
    await run('readwrite', table, store => store.put(record));
    memory[table].delete(record.id);
    if (failed === 'full') failed = '';
    return true;
  } catch (error) {
    if (error?.name !== 'DataCloneError') say(error?.name === 'QuotaExceededError' ? 'full' : error?.message === 'silent' ? 'silent' : 'broken');
    return false; // DataCloneError: this browser keeps no key; whoever wanted it kept says so
  }
}

export async function get(table, id) {
  if (memory[table].has(id)) return memory[table].get(id);
  return read(table, store => store.get(id));
}

/** Every record of a table that passes the test on its clear parts. */
export async function all(table, test) {
  const kept = (await read(table, store => store.getAll())) ?? [];
  const held = [...memory[table].values()];
  return [...held, ...kept.filter(record => !memory[table].has(record.id))].filter(test);
}

async function read(table, work) {
  if (failed === 'silent' || failed === 'broken') return undefined;
  try {
    return await run('readonly', table, work);
  } catch (error) {
    say(error?.message === 'silent' ? 'silent' : 'broken');
    return undefined;
  }
}

export async function remove(table, id) {
  memory[table].delete(id);
  if (failed === 'silent' || failed === 'broken') return;
  try {
    await run('readwrite', table, store => store.delete(id));
  } catch {
    say('broken');
  }
}
