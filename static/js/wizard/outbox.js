/**
 * Full-size pictures of sent requests that were still on their way when the wizard was left: any other page of
 * DermAvis goes on sending them, then forgets what the server has acknowledged. Unsent drafts are left alone.
 */
import { forget } from './draft.js';
import { openKey, ownerId, unsealJson } from './key.js';
import { Pictures } from './pictures.js';
import { Queue } from './queue.js';
import { all, mark, remove } from './store.js';

async function sendLeftovers() {
  await openKey();
  const records = await all('drafts', record => record.owner === ownerId());
  for (const record of records) {
    const { receipt } = await unsealJson(record, `drafts:${record.id}`).catch(() => ({}));
    if (receipt) await sendOf(record.id, receipt);
  }
  const kept = new Set((await all('drafts', record => record.owner === ownerId())).map(record => record.id));
  for (const orphan of await all('pictures', record => record.owner === ownerId() && !kept.has(record.draft))) {
    for (const role of ['original', 'diagnostic']) await remove('bytes', `${orphan.id}:${role}`);
    await remove('pictures', orphan.id);
  }
  if (!(await all('pictures', record => record.owner === ownerId())).length) mark('pictures', false);
}

/** A sent request as the queue wants it: nothing of it changes any more. */
async function sendOf(id, receipt) {
  const sent = { id, receipt, revision: 1, path: `/api/v1/drafts/${id}`, content: { photos: [] }, push: async () => {} };
  const pictures = new Pictures(sent);
  await pictures.load();
  if (!pictures.list.length) return forget(id);
  const queue = new Queue(sent, pictures);
  queue.kick();
  return queue.ended;
}

sendLeftovers().catch(() => {}); // offline or signed out: the next page tries again
