/** "Envoyer": the draft, then its pictures verified, then the sending itself, tried until the receipt is in hand. */
import { call, Refused, Unreachable } from './api.js';
import { icon } from './dom.js';
import { tell } from './frame.js';
import { lesionLabel } from './lesions.js';
import { view } from './specialty.js';
import { phoneWords } from './words.js';

const FIRST_PAUSE = 1500;
const LONGEST_PAUSE = 15000;
let running = false;

/** `page`: {send: the button, told: the line of progress, lacks(missing, words)}. A second tap while it runs does nothing. */
export async function sendRequest(w, page) {
  if (running) return;
  running = true;
  page.send.setAttribute('aria-busy', 'true');
  page.send.setAttribute('aria-disabled', 'true');
  page.send.querySelector('.icon').replaceWith(icon('loader-circle'));
  const say = words => {
    page.told.hidden = !words;
    if (page.told.textContent !== words) page.told.textContent = words;
  };
  try {
    await untilReceived(w, page, say);
  } finally {
    running = false;
    page.send.removeAttribute('aria-busy');
    page.send.removeAttribute('aria-disabled');
    page.send.querySelector('.icon').replaceWith(icon('send'));
  }
}

async function untilReceived(w, page, say) {
  for (let pause = FIRST_PAUSE; !w.draft.receipt; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      say('Enregistrement…');
      await saved(w.draft);
      if (await badPictures(w, page, say)) return;
      say('Envoi de la demande…');
      const receipt = await post(w);
      say('');
      w.draft.finish(receipt);
      return;
    } catch (error) {
      if (error instanceof Refused) return refused(w, page, say, error);
      if (!(error instanceof Unreachable)) throw error;
      if (w.content.urgency === 'urgent') return telephone(w, page, say);
      say('Pas de réseau\u00a0: la demande est gardée sur ce téléphone. Nouvel essai dans un instant, laissez cette page ouverte.');
      await restOrLine(error.retryAfter || pause);
    }
  }
}

async function saved(draft) {
  for (let tries = 0; draft.dirty && tries < 3; tries += 1) await draft.pushOrThrow();
  if (draft.dirty) throw new Unreachable();
}

/** Waits until the server has verified each picture; a bad one is told on its view. */
async function badPictures(w, page, say) {
  const words = () => {
    const { verified, total } = w.pictures.standing();
    say(`Vérification des photos\u00a0: ${verified} sur ${total}`);
  };
  const { total, verified } = w.pictures.standing();
  if (verified < total) words();
  w.pictures.addEventListener('change', words);
  const bad = await w.queue.settled();
  w.pictures.removeEventListener('change', words);
  if (!bad.length) return false;
  say('');
  page.lacks(bad.map(picture => ({ field: `photos.${picture.lesion ? `${picture.lesion}.` : ''}${picture.view}`, message: `${viewName(w.content, picture)}\u00a0: ${picture.message || 'à reprendre'}` })), 'Une photo est à reprendre');
  focusLacks();
  return true;
}

const viewName = (content, picture) =>
  [view(picture.view)?.label, lesionLabel(content, content.lesions.find(one => one.id === picture.lesion)).toLowerCase()].filter(Boolean).join(', ');

async function post(w) {
  const answer = await call('POST', `${w.draft.path}/send`, { body: { revision: w.draft.revision, content: w.draft.base ?? undefined }, patience: 40000 });
  if (answer.receipt?.id !== w.draft.id || !answer.receipt.number) throw new Unreachable();
  return answer.receipt;
}

async function refused(w, page, say, error) {
  say('');
  if (error.code === 'pictures_pending') {
    w.pictures.hear(error.body);
    for (const picture of w.pictures.list) if (picture.state === 'verified') picture.state = 'received';
    await restOrLine(FIRST_PAUSE);
    return untilReceived(w, page, say);
  }
  if (error.code === 'already_sent') return w.draft.finish({ ...error.body.receipt, late: error.body.differences });
  if (error.status === 412) {
    await w.draft.meet(error.body);
    return w.draft.standing === 'conflict' ? undefined : untilReceived(w, page, say);
  }
  const missing = error.body.missing ?? Object.entries(error.fields).map(([field, message]) => ({ field, message }));
  page.lacks(missing, missing.length ? '' : error.message);
  focusLacks();
  return undefined;
}

const focusLacks = () => document.getElementById('lacks')?.focus();

/** Urgent and no network means telephone, never a request that waits. */
function telephone(w, page, say) {
  const number = w.addressing?.urgent?.phone || w.addressing?.on_call?.phone || '15';
  say('');
  page.lacks([], `Pas de réseau\u00a0: une urgence se téléphone. Appelez le ${phoneWords(number)}.`);
  tell(`Pas de réseau. Appelez le ${phoneWords(number)}.`);
  focusLacks();
}

const restOrLine = milliseconds => new Promise(resolve => {
  const done = () => { clearTimeout(timer); for (const name of ['online', 'pageshow', 'focus']) removeEventListener(name, done); resolve(); };
  const timer = setTimeout(done, milliseconds);
  for (const name of ['online', 'pageshow', 'focus']) addEventListener(name, done);
});

