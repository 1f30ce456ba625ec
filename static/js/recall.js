// A browser that is killed forgets what it had not yet written of localStorage, while its database lies on the disk:
// once a session the words that lead to what this phone holds are read from there.

const NAME = "dermavis";

// True when a word had been forgotten.
export async function recall() {
  const database = await open().catch(() => null);
  if (!database) return false;
  const [drafts, keys, pictures, cases] = await Promise.all([
    ask(database, "drafts", "getAll"),
    ask(database, "keys", "getAll"),
    ask(database, "pictures", "count"),
    ask(database, "cases", "count"),
  ]);
  database.close();
  const words = {
    outbox: drafts?.some((row) => row.wanted),
    pictures,
    here: drafts?.length,
    code: keys?.some((row) => row.wrapped),
    spent: keys?.some((row) => row.spent),
    cases,
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

function ask(database, table, way) {
  if (!database.objectStoreNames.contains(table)) return undefined;
  return new Promise((resolve, reject) => {
    const reading = database.transaction(table).objectStore(table)[way]();
    reading.onsuccess = () => resolve(reading.result);
    reading.onerror = () => reject(reading.error);
  });
}
