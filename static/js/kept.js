// Text kept across a sign-in or a visit to another page: sealed in this tab's storage under a key that cannot be
// exported, given back to the same person on the same page, and forgotten as soon as a page shows that it was not needed.

import { hasUnsentText } from "./unsent.js";

const PLACE = "kept-text"; // app.js looks for it before it fetches this module
const HOURS = 12;
const TEXTS = "input:not([type=password],[type=file],[type=hidden],[type=submit],[type=button]), textarea, select";

export async function keep(forms = document.querySelectorAll("form[data-keep], form[data-guard]"), more = {}) {
  const written = [...forms].map((form, place) => [form.id || place, [...form.querySelectorAll(TEXTS)].map(state), form.elements.revision?.value]);
  if (!written.length) return;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const clear = new TextEncoder().encode(JSON.stringify(written));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), clear));
  const note = { iv: [...iv], sealed: btoa(String.fromCharCode(...sealed)), at: Date.now(), ...whoAndWhere(), ...more };
  sessionStorage.setItem(PLACE, JSON.stringify(note));
}

// To another page and back: what was typed waits here.
export async function visit(address) {
  await keep(undefined, { passed: true }).catch(() => null);
  window.leavingOnPurpose = true;
  location.assign(address);
}

// To the sign-in page, where the session is locked or over; what was typed waits for the return.
export async function leaveFor(door) {
  if (hasUnsentText()) await keep().catch(() => null);
  window.leavingOnPurpose = true;
  location.assign(door);
}

// Called on every page once it is loaded.
export async function settle() {
  const note = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  if (!note) return false;
  if (location.pathname.startsWith("/sign-in")) {
    sessionStorage.setItem(PLACE, JSON.stringify({ ...note, passed: true }));
    return false;
  }
  const { person, path } = whoAndWhere();
  const due = note.passed && note.person === person && Date.now() - note.at < HOURS * 3600e3;
  if (due && note.path !== path) return false; // Signed in again, and not back on the page yet.
  sessionStorage.removeItem(PLACE);
  return due ? giveBack(note) : false;
}

async function giveBack(note) {
  try {
    const sealed = Uint8Array.from(atob(note.sealed), (sign) => sign.charCodeAt(0));
    const clear = await crypto.subtle.decrypt({ name: "AES-GCM", iv: new Uint8Array(note.iv) }, await key(), sealed);
    const forms = [...document.querySelectorAll("form[data-keep], form[data-guard]")];
    for (const [id, states, revision] of JSON.parse(new TextDecoder().decode(clear))) {
      const form = typeof id === "number" ? forms[id] : document.getElementById(id);
      // Written on an older revision: the server tells so, and nothing of a newer text is written over.
      if (form?.elements.revision && revision) form.elements.revision.value = revision;
      if (form) write(form, states);
    }
    return true;
  } catch {
    return false; // Another key: the browser's storage was cleared in between.
  }
}

function state(field) {
  return [field.name, field.type, field.value, Boolean(field.checked)];
}

function write(form, states) {
  const fields = [...form.querySelectorAll(TEXTS)];
  for (const [name, type, value, checked] of states) {
    const pick = type === "radio" || type === "checkbox";
    const field = fields.find((one) => one.name === name && one.type === type && (!pick || one.value === value));
    if (!field || (pick ? field.checked === checked : field.value === value)) continue;
    if (pick) field.checked = checked;
    else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function whoAndWhere() {
  return { person: document.body.dataset.person ?? "", path: location.pathname };
}

async function key() {
  const store = (mode) => open().then((database) => database.transaction("keys", mode).objectStore("keys"));
  const found = await answer((await store("readonly")).get(PLACE));
  if (found) return found;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await answer((await store("readwrite")).put(made, PLACE));
  return made;
}

function open() {
  const request = indexedDB.open("kept-text", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("keys");
  return answer(request);
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
