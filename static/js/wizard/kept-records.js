/** What this phone keeps, read and removed (store.js writes it), and given to the phone again once it can keep it. */
import { memory, put, run, TABLES } from './store.js';

/** Newer in memory than in the database, where that could not keep it. */
export async function get(table, id) {
  return memory[table].get(id) ?? read(table, store => store.get(id));
}

/** Every record of a table that passes the test on its clear parts. */
export async function all(table, test) {
  const kept = (await read(table, store => store.getAll())) ?? [];
  const held = [...memory[table].values()];
  return [...held, ...kept.filter(record => !memory[table].has(record.id))].filter(test);
}

const read = (table, work) => run('readonly', table, work).catch(() => undefined); // store.js has said why

export async function remove(table, id) {
  memory[table].delete(id);
  await run('readwrite', table, store => store.delete(id)).catch(() => {});
}

/** A picture and its bytes. */
export async function removePicture(id) {
  for (const role of ['original', 'diagnostic']) await remove('bytes', `${id}:${role}`);
  await remove('pictures', id);
}

/** What only this page's memory holds; true once there is nothing of the kind. */
export async function settle() {
  for (const table of TABLES) for (const record of [...memory[table].values()]) if (!(await put(table, record))) return false;
  return true;
}
