"""The database of a phone, as a test looks at it, spoils it or takes it back to an earlier version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

READ_ALL = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('dermavis');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const reading = database.transaction([...database.objectStoreNames]);
    const asked = [...database.objectStoreNames].map(name => [name, reading.objectStore(name).getAllKeys()]);
    reading.oncomplete = () => {
      database.close();
      resolve(Object.fromEntries(asked.map(([name, { result }]) => [name, result])));
    };
  };
})"""

BACK_TO_ONE = """async () => {
  const open = (version, upgrade) => new Promise((resolve, reject) => {
    const opening = indexedDB.open('dermavis', version);
    opening.onupgradeneeded = () => upgrade?.(opening.result);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => resolve(opening.result);
  });
  const names = ['drafts', 'pictures', 'bytes', 'copies'];
  const newer = await open();
  const reading = newer.transaction(names);
  const asked = names.map(name => [name, reading.objectStore(name).getAll()]);
  await new Promise(done => { reading.oncomplete = done; });
  newer.close();
  await new Promise((resolve, reject) => {
    const going = indexedDB.deleteDatabase('dermavis');
    going.onsuccess = resolve;
    going.onerror = reject;
  });
  window.earlier = await open(1, made => names.forEach(name => made.createObjectStore(name, { keyPath: 'id' })));
  const writing = window.earlier.transaction(names, 'readwrite');
  for (const [name, { result }] of asked) for (const record of result) writing.objectStore(name).put(record);
  await new Promise(done => { writing.oncomplete = done; });
}"""
"""Leaves the connection open, deaf to the wish of a newer page, as the first release's pages were."""

RAISE = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('dermavis', 99);
  opening.onupgradeneeded = () => opening.result.createObjectStore('later', { keyPath: 'id' });
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => { opening.result.close(); resolve(); };
})"""

SILENT = """
  const open = IDBFactory.prototype.open;
  const held = [];
  IDBFactory.prototype.open = function (...asked) {
    if (!window.letOpen) {
      const request = new EventTarget();
      held.push(() => {
        const real = open.apply(this, asked);
        for (const name of ['upgradeneeded', 'success', 'error', 'blocked']) {
          real.addEventListener(name, () => { request.result = real.result; request[`on${name}`]?.(); });
        }
      });
      return request;
    }
    return open.apply(this, asked);
  };
  window.speakAtLast = () => { window.letOpen = true; held.splice(0).forEach(act => act()); };
"""
"""A database that says nothing until ``speakAtLast()``, as iPhones' did for years."""

DYING = """
  const begin = IDBDatabase.prototype.transaction;
  let failures = 1;
  IDBDatabase.prototype.transaction = function (...asked) {
    if (failures-- > 0) {
      window.died = true;
      throw new DOMException('The database connection is closing.', 'InvalidStateError');
    }
    return begin.apply(this, asked);
  };
"""


def kept_on_phone(page: Page) -> dict[str, list[str]]:
    """Return the ids of everything that the phone's database holds, by table.

    Ask again from the test what is to be waited for: Playwright's own waiting takes a promise for a yes.
    """
    kept: dict[str, Any] = page.evaluate(READ_ALL)
    return kept
