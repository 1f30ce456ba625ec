/** From a picked file to what will be sent: its bytes at once, the diagnostic picture, the fingerprints. */
import { diagnosticPicture } from './picture-work.js';

export const LARGEST_FILE = 25 * 1024 * 1024;
const PATIENCE = 20000;

let worker = null;
let number = 0;
const waiting = new Map();

/** Copies the file's bytes now: a file of the gallery or of a cloud may change or vanish later. */
export async function copyBytes(file) {
  if (!file.size) throw new PictureTrouble('Ce fichier est vide. Choisissez une autre photo.');
  if (file.size > LARGEST_FILE) throw new PictureTrouble('Cette photo dépasse 25\u00a0Mo. Choisissez-en une plus légère.');
  try {
    return await file.arrayBuffer();
  } catch {
    throw new PictureTrouble('Cette photo a changé ou n’est plus lisible. Choisissez-la de nouveau.');
  }
}

export class PictureTrouble extends Error {}

export const UNIFORM = 'Cette photo est d’une seule teinte, sans rien à voir\u00a0: reprenez-la, objectif dégagé.';

/** {bytes, width, height}, or {reason} when the browser cannot make it. */
export async function makeDiagnostic(bytes, type, closeUp) {
  const made = canUseWorker() ? await inWorker(bytes, type, closeUp) : null;
  return made && made.reason !== 'failed' ? made : diagnosticPicture(bytes, type, closeUp);
}

const canUseWorker = () => typeof Worker === 'function' && typeof OffscreenCanvas === 'function';

function inWorker(bytes, type, closeUp) {
  worker ??= startWorker();
  const mine = (number += 1);
  return new Promise(resolve => {
    const timer = setTimeout(() => settle(mine, { reason: 'failed' }), PATIENCE);
    waiting.set(mine, { resolve, timer });
    worker.postMessage({ number: mine, bytes, type, closeUp });
  });
}

function startWorker() {
  const started = new Worker(new URL('./picture-worker.js', import.meta.url), { type: 'module' });
  started.onmessage = ({ data: { number: whose, ...result } }) => settle(whose, result);
  started.onerror = () => { for (const whose of waiting.keys()) settle(whose, { reason: 'failed' }); };
  return started;
}

function settle(whose, result) {
  const { resolve, timer } = waiting.get(whose) ?? {};
  waiting.delete(whose);
  clearTimeout(timer);
  resolve?.(result);
}

/** What a request says of a picture that was found wanting, after so many tries of its view; of any other nothing. */
export function foundWanting(quality, retries) {
  const { findings = [] } = quality ?? {};
  return findings.length ? { quality: { findings: findings.map(({ reason, measure, value }) => ({ reason, measure, value })), retries: retries ?? 0 } } : {};
}

/** SHA-256 in hexadecimal. */
export async function fingerprint(bytes) {
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...sum].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
