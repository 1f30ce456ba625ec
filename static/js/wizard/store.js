/**
 * What this phone keeps: drafts, pictures and their bytes, what a request begins with (facts), each sealed by key.js
 * before it comes here, cases to read without network, and the wrapped key itself (keys). In clear there are only ids, the
 * owner's id and times. When the browser's database is full, silent or dying, memory holds it and `onTrouble` says why. A
 * version only adds tables (docs/decisions/versions-of-the-phones-database.md). Reading is in kept-records.js.
 */

const NAME = 'dermavis';
const VERSION = 3;
const PATIENCE = 4000;
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

export const memory = Object.fromEntries(TABLES.map(table => [table, new Map()]));
const trouble = new EventTarget();
let database = null;
let opening = null;
let failed = '';
let silent = false;

/** Calls back with 'full', 'silent', 'blocked', 'newer' or 'broken' when the phone keeps nothing, with '' when it does again. */
export function onTrouble(tell) {
  trouble.addEventListener('trouble', event => tell(event.detail));
  if (failed) tell(failed);
}

export const troubleNow = () => failed;

function say(kind) {
  if (failed === kind) return;
  failed = kind;
  trouble.dispatchEvent(new CustomEvent('trouble', { detail: kind }));
}

function openOnce(version) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, version);
    const timer = setTimeout(() => { silent = true; reject(); }, PATIENCE);
    request.onupgradeneeded = () => {
      for (const table of TABLES) {
        if (!request.result.objectStoreNames.contains(table)) request.result.createObjectStore(table, { keyPath: 'id' });
      }
    };
    request.onblocked = () => say('blocked');
    request.onerror = () => { clearTimeout(timer); reject(request.error); };
    request.onsuccess = () => { // welcome however late
      clearTimeout(timer);
      silent = false;
      const opened = (database = request.result);
      opened.onversionchange = () => { opened.close(); opened.onclose(); };
      opened.onclose = () => { if (database === opened) database = null; };
      resolve(opened);
    };
  });
}

/** A page of an earlier release writes into the tables it knows. */
const openAny = () => openOnce(VERSION).catch(error => {
  if (error?.name !== 'VersionError') throw error;
  say('newer');
  return openOnce();
});

async function open() {
  if (database) return database;
  if (silent) return Promise.reject();
  opening ??= openAny().finally(() => { opening = null; });
  return opening;
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
    if (again && !silent) {
      database = null;
      return run(mode, table, work, false);
    }
    say(!silent ? 'broken' : failed === 'blocked' ? failed : 'silent');
    throw error;
  }
}

/** Kept: true when the phone holds it durably, false when only this page's memory does. */
export async function put(table, record) {
  memory[table].set(record.id, record);
  try {
    await run('readwrite', table, store => store.put(record));
    if (memory[table].get(record.id) === record) memory[table].delete(record.id);
    if (failed !== 'newer' && TABLES.every(one => !memory[one].size)) say('');
    return true;
  } catch (error) {
    if (error?.name === 'QuotaExceededError') say('full');
    return false; // DataCloneError: this browser keeps no key; whoever wanted it kept says so
  }
}
