/** Drafts begun before: brought back from this phone and from the server, and forgotten once they are acknowledged. */
import './covering.js';
import { call, Refused, Unreachable } from './api.js';
import { Draft } from './draft.js';
import { get, remove } from './kept-records.js';
import { ownerId, unsealJson } from './key.js';
import { mark, troubleNow } from './store.js';
import { unwant } from './wanting.js';

const CLOSED = ['Cette demande est gardée ici, et ne s’ouvre plus', 'Sa clé n’est pas celle de cette session\u00a0: elle s’ouvre pour la personne qui l’a commencée, sur ce téléphone. Une nouvelle demande se commence comme d’habitude.'];

/** Brings a draft back from this phone and from the server; null when neither has it. Throws what is `said` when it is here and cannot be read. */
export async function reopen(id, blank) {
  const record = await get('drafts', id);
  const here = record?.owner === ownerId() ? await unsealJson(record, `drafts:${id}`).catch(() => null) : null;
  const there = await fromServer(id, here ? 4000 : 20000);
  if (!here && !there && troubleNow()) throw await unreadable();
  if (!here && !there && record?.owner === ownerId()) throw Object.assign(new Error('closed'), { said: CLOSED });
  if (!here && !there) return null;
  mark('here', true); // a copy will lie here: the list asks what became of it elsewhere
  const draft = new Draft(id, blank);
  if (here) Object.assign(draft, here, { sent: [].concat(here.sent ?? []), content: { ...blank, ...here.content }, revision: record.revision, at: record.at, changes: record.dirty ? 1 : 0 });
  if (draft.receipt && draft.local.unasked) (await import('./left-out.js')).tellLeftOut(draft);
  else if (there?.receipt) draft.finish(there.receipt, false);
  else if (there && (!here || (!record.dirty && there.revision > record.revision))) {
    Object.assign(draft, { content: { ...blank, ...there.content }, base: structuredClone(there.content), step: there.step || draft.step, revision: there.revision });
    if (draft.wanted) unwant(draft, 'Elle a changé ailleurs\u00a0: relisez-la.');
  } else if (there && there.revision > record.revision) {
    await import('./conflict.js').then(({ recognise }) => recognise(draft, there)).catch(() => {}); // else the next push meets it
  }
  draft.sentBack = there?.sent_back ?? null;
  if (draft.dirty) draft.later();
  return draft;
}

const unreadable = () => import('./storage-trouble.js').then(({ unreadableHere }) => unreadableHere());

async function fromServer(id, patience) {
  try {
    return await call('GET', `/api/v1/drafts/${id}`, { patience });
  } catch (error) {
    if (error instanceof Refused || error instanceof Unreachable) return null;
    throw error;
  }
}

/** Removes from this phone what the server has acknowledged for good. */
export const forget = async id => {
  await remove('drafts', id);
  await remove('copies', id);
};
