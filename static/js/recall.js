// A browser that is killed forgets what it had not yet written of localStorage, while its database lies on the disk:
// once a session the words that lead to what this phone holds are read from there.

const NAME = "dermavis";
const DONE = "dermavis-recalled";

// True when a word had been forgotten.
export async function recall() {
  if (sessionStorage.getItem(DONE)) return false;
  sessionStorage.setItem(DONE, "1");
  const database = await open().catch(() => null);
  if (!database) return false;
  const [drafts, pictures, keys, cases] = await Promise.all(["drafts", "pictures", "keys", "cases"].map((table) => rowsOf(database, table)));
  database.close();
  const words = {
    outbox: drafts.some((row) => row.wanted),
    pictures: pictures.length,
    here: drafts.length,
    code: keys.some((row) => row.wrapped),
    spent: keys.some((row) => row.spent),
    cases: cases.length,
  };
  const forgotten = Object.keys(words).filter((word) => words[word] && !localStorage.getItem(`dermavis-${word}`));
  for (const word of forgotten) localStorage.setItem(`dermavis-${word}`, "1");
  return forgotten.length > 0;
}

// As it is, of whatever release; none is made where none is.
function open() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME);
    opening.onupgradeneeded = () => opening.transaction.abort();
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

function rowsOf(database, table) {
  if (!database.objectStoreNames.contains(table)) return [];
  return new Promise((resolve, reject) => {
    const reading = database.transaction(table).objectStore(table).getAll();
    reading.onsuccess = () => resolve(reading.result);
    reading.onerror = () => reject(reading.error);
  });
}
