/**
 * The code of this phone: six digits that open its owner's key with no network. The key is wrapped by what the code
 * gives after many rounds, and around that by a key of this browser that no program can read out. Five wrong codes,
 * a sign-out or an ended session delete the wrapping; the key comes again from the server after the password.
 */
import { call, Refused } from './api.js';
import { get, remove } from './kept-records.js';
import { mark, put } from './store.js';

const ROUNDS = 600_000;
const TRIES = 5;
const PLACE = 'code';
const BOUND = new TextEncoder().encode('keys:code');
const STEPS = '0123456789 9876543210';

export class NoCode extends Error {}

export class WrongCode extends Error {
  constructor(left) { super('wrong code'); this.left = left; }
}

/** What is wrong with six digits as a code, in words; '' for a good one. */
export function codeFault(digits) {
  if (!/^\d{6}$/.test(digits)) return 'Le code a six chiffres.';
  const pair = digits.slice(0, 2);
  const easy = new Set(digits).size < 3 || STEPS.includes(digits) || digits === pair.repeat(3) || digits === digits.slice(0, 3).repeat(2);
  return easy ? 'Ce code est trop facile à deviner. Choisissez-en un autre.' : '';
}

/** Of what is typed or pasted, six digits; the field does not scroll away from the first. */
export function keepDigits(field) {
  field.value = field.value.replace(/\D/g, '').slice(0, 6);
  requestAnimationFrame(() => { field.scrollLeft = 0; });
}

/** Whose code this phone has, and how many tries are left; null without one. */
export async function codeHere() {
  const record = await get('keys', PLACE);
  return record && !record.spent ? { person: record.person, left: TRIES - record.tries } : null;
}

/** Wraps what the code is to open: {key: base64, proof, person}. False when this browser cannot keep it. */
export async function makeCode(digits, { person, ...secrets }) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const device = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const inner = await wrap(await stretched(digits, salt, ROUNDS), new TextEncoder().encode(JSON.stringify(secrets)));
  const outer = await wrap(device, inner.bytes);
  const kept = await put('keys', { id: PLACE, person, salt, rounds: ROUNDS, device, innerIv: inner.iv, outerIv: outer.iv, wrapped: outer.bytes, tries: 0, at: Date.now() });
  if (!kept) await remove('keys', PLACE);
  mark('code', kept);
  return kept;
}

/** {key, proof, person} for the right digits. Throws WrongCode with the tries left, NoCode when none is left or the wrapping is spoilt. */
export function openWithCode(digits) {
  return navigator.locks ? navigator.locks.request('dermavis-code', () => tryCode(digits)) : tryCode(digits);
}

async function tryCode(digits) {
  const record = await get('keys', PLACE);
  if (!record || record.spent) throw new NoCode();
  const tries = record.tries + 1;
  // Counted before it is tried: a page closed in the middle has spent its try. A count that cannot be kept opens nothing.
  if (!(await put('keys', { ...record, tries }))) throw new NoCode();
  let inner;
  try {
    inner = await unwrap(record.device, record.outerIv, record.wrapped);
  } catch {
    await forgetCode();
    throw new NoCode();
  }
  try {
    const secrets = await unwrap(await stretched(digits, record.salt, record.rounds), record.innerIv, inner);
    await put('keys', { ...record, tries: 0 });
    return { ...JSON.parse(new TextDecoder().decode(secrets)), person: record.person };
  } catch {
    if (tries < TRIES) throw new WrongCode(TRIES - tries);
    await forgetCode();
    await put('keys', { id: PLACE, person: record.person, spent: true });
    mark('spent', true);
    await tellSpent().catch(() => {}); // without network once there is one
    throw new NoCode();
  }
}

/** After five wrong codes a session that is open on this phone asks for the password before it gives the key. Throws Unreachable. */
export async function tellSpent() {
  const { spent, person } = (await get('keys', PLACE)) ?? {};
  if (spent && person !== (document.body.dataset.person ?? person)) return; // somebody else's session gives no key of theirs
  if (spent) {
    await call('POST', '/api/v1/device-code/spent', { quiet: true }).catch(error => {
      if (!(error instanceof Refused)) throw error; // refused: locked already, or signed out
    });
    await remove('keys', PLACE);
  }
  mark('spent', false);
}

/** Where a sign-in is asked no session is open on this phone: whoever opens the next one gives the password. */
export async function passwordComes() {
  if ((await get('keys', PLACE))?.spent) await remove('keys', PLACE);
  mark('spent', false);
}

/** Only the wrapping goes: what it protects stays, closed, until its owner has signed in. Copies of what the server has go with it. */
export async function forgetCode() {
  mark('code', false);
  await remove('keys', PLACE);
  await (await import('./kept-cases.js')).stopKeeping();
}

async function stretched(digits, salt, iterations) {
  const typed = await crypto.subtle.importKey('raw', new TextEncoder().encode(digits), 'PBKDF2', false, ['deriveKey']);
  return crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, typed, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

async function wrap(key, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, bytes: await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: BOUND }, key, bytes) };
}

const unwrap = (key, iv, bytes) => crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: BOUND }, key, bytes);
