/**
 * A small tus 1.0.0 client: creation, checksum, resumption from the last byte the server holds. It never gives up
 * on a passing trouble; what it cannot mend it throws as Refused.
 */
import { Refused, send, Unreachable } from './api.js';

/** Bytes of a piece, which are what a cut line loses at most: as many as it carries in `time` milliseconds, without the wait for an answer. */
const PIECE = { time: 480, least: 32 * 1024, most: 64 * 1024 };
const HEADERS = { 'Tus-Resumable': '1.0.0' };
const PATIENCE = 60000;
let patchPasses = true;
let size = PIECE.most;
let wait = 0;

/**
 * Sends `bytes`; `upload` is {address} remembered from an earlier try, or {}. `onprogress(sent, address)` is called
 * after each acknowledged piece. Resolves once the server holds every byte.
 */
export async function upload(bytes, facts, remembered, onprogress) {
  let { address = '' } = remembered;
  let offset = address ? await held(address) : null;
  while (offset === null || offset < bytes.byteLength) {
    if (offset === null) {
      address = await create(bytes.byteLength, facts);
      offset = 0;
      await onprogress(0, address);
    }
    offset = await patch(address, bytes, offset);
    if (offset !== null) await onprogress(offset, address);
  }
  return address;
}

/** How many bytes the server holds; null when it no longer knows this upload. */
async function held(address) {
  const answer = await ask('HEAD', address, {});
  if ([404, 410, 403].includes(answer.status)) return null;
  if (!answer.ok) throw passing(answer);
  return Number(answer.headers.get('Upload-Offset'));
}

async function create(length, facts) {
  const metadata = Object.entries(facts).filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name} ${base64(new TextEncoder().encode(String(value)))}`).join(',');
  const began = performance.now();
  const answer = await ask('POST', '/api/v1/uploads', { 'Upload-Length': String(length), 'Upload-Metadata': metadata });
  if (answer.status !== 201) throw passing(answer);
  wait = performance.now() - began;
  return answer.headers.get('Location');
}

/** One piece; the new offset, or null when the upload is to be created anew. */
async function patch(address, bytes, offset) {
  const piece = bytes.slice(offset, offset + size);
  const sum = base64(new Uint8Array(await crypto.subtle.digest('SHA-256', piece)));
  const began = performance.now();
  const answer = await ask('PATCH', address, {
    'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream', 'Upload-Checksum': `sha256 ${sum}`,
  }, piece).catch(error => { size = PIECE.least; throw error; }); // a line that breaks carries small pieces, if any
  if ([404, 410].includes(answer.status)) return null;
  if (answer.status === 409 || answer.status === 460) return held(address);
  if (!answer.ok) throw passing(answer);
  if (piece.byteLength === size) size = Math.round(Math.max(PIECE.least, Math.min(PIECE.most, size * PIECE.time / Math.max(1, performance.now() - began - wait))));
  return Number(answer.headers.get('Upload-Offset'));
}

/** Some hospitals' proxies drop PATCH and HEAD: the method then travels in a header. */
async function ask(method, address, headers, body) {
  const override = method === 'PATCH' && !patchPasses;
  const answer = await send(override ? 'POST' : method, address,
    { headers: { ...HEADERS, ...headers, ...(override && { 'X-HTTP-Method-Override': method }) }, body }, { patience: PATIENCE, read: readAll });
  if (method === 'PATCH' && patchPasses && [405, 501].includes(answer.status)) {
    patchPasses = false;
    return ask(method, address, headers, body);
  }
  // Whoever does not speak tus is somebody on the line (a portal, a proxy), whatever the status says.
  if (!answer.headers.get('Tus-Resumable')) throw new Unreachable();
  return answer;
}

const readAll = async answer => ({ ok: answer.ok, status: answer.status, headers: answer.headers, words: await answer.text() });

/** Locked or overloaded passes by itself; anything else is an answer. */
function passing({ status, headers, words }) {
  if ([423, 429, 503, 408].includes(status)) return new Unreachable(Number(headers.get('Retry-After')) * 1000 || 2000);
  try {
    return new Refused(status, JSON.parse(words));
  } catch {
    return new Refused(status, {}); // HEAD has no words
  }
}

const base64 = bytes => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
};
