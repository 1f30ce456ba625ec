// The request that is open beside the list; on a narrow screen it is a page of its own, at the same address.

import { announce } from "../announce.js";
import { leaveFor } from "../kept.js";
import { markSaved } from "../unsent.js";

const WIDE = matchMedia("(min-width: 60em)");
const panel = document.getElementById("panel");
const CASE = /^\/pooling\/[0-9a-f-]{36}$/;
const beganWithCase = CASE.test(location.pathname);

export const isWide = () => WIDE.matches;

export async function open(link) {
  if (!(await keepNote())) return stay(() => open(link));
  await window.htmx.ajax("GET", link.getAttribute("href"), { target: "#panel", swap: "innerHTML" });
  const shown = panel.querySelector(".whose")?.dataset.case;
  if (!shown || !link.href.endsWith(shown)) return;
  // From the list, the request is a step further; from one request to another the list stays one step back.
  if (CASE.test(location.pathname)) history.replaceState(history.state, "", link.href);
  else history.pushState({ overList: true }, "", link.href);
  document.getElementById("main").classList.add("has-open");
  panel.scrollTop = 0;
  mark(shown);
}

export async function close() {
  if (!(await keepNote())) return stay(close);
  empty();
  if (history.state?.overList) history.back();
  else history.replaceState(history.state, "", "/pooling");
}

function empty() {
  panel.replaceChildren(document.getElementById("nothing-open").content.cloneNode(true));
  document.getElementById("main").classList.remove("has-open");
  mark("");
}

// Back and forward between the list and the request that is open beside it.
addEventListener("popstate", async () => {
  const { pathname } = location;
  if (CASE.test(pathname)) return reopen(pathname);
  const shown = panel.querySelector(".whose")?.dataset.case;
  if (!shown) return;
  if (await keepNote()) return beganWithCase ? location.reload() : leave(shown);
  history.pushState({ overList: true }, "", `/pooling/${shown}`);
  stay(() => history.back());
});

function reopen(pathname) {
  const row = document.querySelector(`#board th a[href="${pathname}"]`);
  return row ? open(row) : location.reload();
}

function leave(shown) {
  empty();
  document.getElementById(`open-${shown}`)?.focus({ preventScroll: true });
}

function mark(id) {
  for (const row of document.querySelectorAll("#board tr[data-row]")) {
    const here = row.dataset.row === id;
    row.classList.toggle("open-row", here);
    if (here) row.querySelector("a").setAttribute("aria-current", "true");
    else row.querySelector("a").removeAttribute("aria-current");
  }
}

// The note saves itself: a moment after the last letter, when it is left, and before another request is opened. What the
// server did not take stays on screen with its reason, until the person chooses to leave it.
let writing = 0;
let saving = Promise.resolve();

panel?.addEventListener("input", ({ target }) => {
  if (target.id !== "note") return;
  clearTimeout(writing);
  say("");
  writing = setTimeout(keepNote, 1500);
});
panel?.addEventListener("change", ({ target }) => target.id === "note" && keepNote());
addEventListener("pagehide", () => window.leavingOnPurpose || keepNote(true));

// Resolves to whether nothing of the note is left to lose.
export function keepNote(leaving = false) {
  clearTimeout(writing);
  saving = saving.then(() => save(leaving));
  return saving;
}

async function save(leaving) {
  const form = document.getElementById("note-form");
  const note = form?.elements.note;
  if (!note || note.value === note.defaultValue) return true;
  const sent = note.value;
  const state = form.querySelector("#note-state");
  // Where the page is left, the server keeps what an ended session could not take; else the page does.
  const headers = { Accept: "application/json", ...(leaving ? {} : { "HX-Request": "true" }) };
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers, keepalive: leaving, redirect: "error" });
    const door = answer.headers.get("HX-Redirect");
    if (door) await leaveFor(door);
    if (door) return false;
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) say(told.message ?? "Pas enregistrée : une erreur de notre côté. Votre texte reste ici.", true, state);
    if (!answer.ok) return false;
    form.elements.version.value = told.version;
    note.defaultValue = sent;
    if (note.value === sent) markSaved(form);
    say(told.saved, false, state);
  } catch {
    say("Pas encore enregistrée : le réseau manque. Votre texte reste ici.", true, state);
  }
  return note.value === note.defaultValue;
}

function say(words, wrong = false, state = document.getElementById("note-state")) {
  if (!state?.isConnected) return wrong && words ? announce(words) : null;
  state.classList.toggle("field-error", wrong);
  state.textContent = words;
}

function stay(leave) {
  const form = document.getElementById("note-form");
  if (!form || window.leavingOnPurpose) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: "Quitter sans garder" });
  button.addEventListener("click", () => {
    form.elements.note.value = form.elements.note.defaultValue;
    markSaved(form);
    leave();
  });
  const state = form.querySelector("#note-state");
  state.querySelector("button")?.remove();
  state.append(" ", button);
  form.elements.note.focus();
}
