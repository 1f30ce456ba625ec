/**
 * The key of this person's drafts on this phone. The server gives it after sign-in, or the code of this phone opens
 * it; it stays in memory, non-extractable. Each sealed text is bound to its table and record.
 */
import { call, speaker, Unreachable } from './api.js';

let key = null;
let owner = '';

/** Asks the server once; afterwards the same key for the life of the page. Without network, what another page opened. */
export async function openKey() {
  if (key) return owner;
  try {
    const answer = await keyFromServer();
    return await useKey(answer.key, answer.person);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const held = await (await import('./held-key.js')).heldKey();
    if (!held || (document.body.dataset.person ?? held.person) !== held.person) throw error;
    return takeKey(held);
  }
}

/** {key: base64, person} of whoever is signed in now, and has given the password since five wrong codes. */
export async function keyFromServer(options) {
  if (localStorage.getItem('dermavis-spent')) await (await import('./code.js')).tellSpent();
  return call('GET', '/api/v1/device-key', options);
}

export async function useKey(text, person) {
  const raw = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const opened = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  raw.fill(0);
  return takeKey({ key: opened, person });
}

export function takeKey(opened) {
  key = opened.key;
  owner = opened.person;
  speaker.person = owner;
  return owner;
}

export const inHand = () => (key ? { key, person: owner } : null);

export const ownerId = () => owner;

const boundTo = text => new TextEncoder().encode(text);

/** Bytes → {iv, sealed}, bound to `place` ("drafts:<id>"). */
export async function seal(bytes, place) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, sealed: await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: boundTo(place) }, key, bytes) };
}

export const unseal = ({ iv, sealed }, place) =>
  crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: boundTo(place) }, key, sealed);

export const sealJson = (value, place) => seal(new TextEncoder().encode(JSON.stringify(value)), place);

export const unsealJson = async (record, place) => JSON.parse(new TextDecoder().decode(await unseal(record, place)));
