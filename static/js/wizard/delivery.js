/**
 * One delivery of a request: the draft, its pictures verified, then the sending itself. The request's own page and the
 * queue of any other page do the same.
 */
import { call, Unreachable } from './api.js';

const PATIENCE = 300e3;
const KEEPING = 3000;

/**
 * Resolves to {receipt}, to {bad: pictures to take again}, or to null when the person took their "Envoyer" back.
 * Throws Unreachable and Refused. `say` hears how far it is.
 */
export async function deliver(draft, pictures, queue, say = () => {}) {
  say('Enregistrement…');
  await saved(draft);
  const bad = await verified(pictures, queue, say);
  if (draft.wanted && bad.length) return { bad };
  say('Envoi de la demande…');
  await draft.kept(KEEPING).catch(() => {}); // where the page dies before its answer, « Envoyer » is remembered, and what became of it asked
  await saved(draft); // what another tab, or its person, has written meanwhile
  if (!draft.wanted) return null;
  return { receipt: await post(draft) };
}

async function saved(draft) {
  for (let tries = 0; draft.dirty && tries < 3; tries += 1) await draft.pushOrThrow();
  if (draft.dirty) throw new Unreachable();
}

/** Waits until the server has verified each picture; the bad ones end the wait. Throws once the line is down, nothing moves, or the server refuses to tell. */
function verified(pictures, queue, say) {
  return new Promise((resolve, reject) => {
    let timer = 0;
    const end = (settle, value) => {
      clearTimeout(timer);
      pictures.removeEventListener('change', look);
      settle(value);
    };
    const look = () => {
      const { verified: done, total, bad } = pictures.standing();
      clearTimeout(timer);
      timer = setTimeout(() => end(reject, new Unreachable()), PATIENCE);
      if (bad.length || done >= total) return end(resolve, bad);
      say(`Vérification des photos\u00a0: ${done} sur ${total}`);
      if (queue.trouble) return end(reject, queue.trouble);
      return queue.line === 'down' && queue.tried ? end(reject, new Unreachable()) : undefined;
    };
    pictures.addEventListener('change', look);
    Object.assign(queue, { trouble: null, tried: false });
    pictures.complete();
    queue.kick();
    queue.follow();
    look();
  });
}

/** Only the receipt of this very request is one. */
async function post(draft) {
  const answer = await call('POST', `${draft.path}/send`, { body: { revision: draft.revision, content: draft.base ?? undefined }, patience: 40000 });
  if (answer.receipt?.id !== draft.id || !answer.receipt.number) throw new Unreachable();
  return answer.receipt;
}
