/**
 * The key of this person's drafts on this phone. The server gives it after sign-in; it stays in memory,
 * non-extractable, and dies with the page. Each sealed text is bound to its table and record.
 */
import { call } from './api.js';

let key = null;
let owner = '';

/** Asks the server once; afterwards the same key for the life of the page. */
export async function openKey() {
  if (key) return owner;
  const answer = await call('GET', '/api/v1/device-key');
  const raw = Uint8Array.from(atob(answer.key), letter => letter.charCodeAt(0));
  key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  raw.fill(0);
  owner = answer.person;
  return owner;
}

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
