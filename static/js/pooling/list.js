// The list keeps itself true: each minute, while something is looked for, and with the result of each batch. What is
// chosen, the focus and the scroll stay where they are.

import { announce, toast } from "../announce.js";
import { leaveFor } from "../kept.js";
import { forget, restore } from "./selection.js";

const MINUTE = 60_000;
const search = document.getElementById("search");
const field = search?.querySelector("input[type=search]");
const batch = document.getElementById("batch");

let last = 0; // answers that come late are dropped

export const query = () => field?.value ?? "";

export async function renew({ background = false } = {}) {
  const ticket = ++last;
  const fresh = await ask(search.action, new FormData(search), background);
  if (fresh && ticket === last) draw(fresh);
}

// Send a batch, show its result a row, and give the focus to it.
export async function act(address, form) {
  const ticket = ++last;
  form.set("q", query());
  form.set("open", openId());
  const fresh = await ask(address, form, false);
  if (!fresh) return null;
  const outcomes = fresh.getElementById("outcomes");
  const done = [...outcomes.querySelectorAll("[data-done]")].map((row) => row.dataset.outcome);
  forget(done);
  if (ticket === last) draw(fresh, { quiet: true });
  document.getElementById("outcomes").replaceWith(outcomes);
  const title = document.getElementById("outcomes-title");
  announce(`${title.textContent}. ${document.getElementById("board-head").dataset.said}.`);
  return { done, title };
}

export function openId() {
  return document.querySelector("#panel .whose")?.dataset.case ?? "";
}

async function ask(address, body, background) {
  body.set("open", openId());
  const headers = { "HX-Request": "true", "HX-Target": "board", ...(background ? { "X-Background": "1" } : {}) };
  try {
    const answer = await fetch(address, { method: "POST", body, headers, redirect: "error" });
    const elsewhere = answer.headers.get("HX-Redirect");
    if (elsewhere) return leaveFor(elsewhere);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok && page.getElementById("board")) return page;
    if (!background) toast(page.querySelector("main p")?.textContent ?? "Une erreur de notre côté. Rien n’est perdu.");
  } catch {
    if (!background) toast("Pas de réseau : rien n’est parti. Votre choix est gardé, réessayez.");
  }
  return null;
}

function draw(page, { quiet = false } = {}) {
  const active = document.activeElement;
  const inside = document.getElementById("board").contains(active) ? active.id : "";
  const scrolled = document.querySelector("#board .table-frame")?.scrollTop ?? 0;
  const before = document.getElementById("board-head").dataset.said;
  for (const id of ["board-head", "board"]) document.getElementById(id).replaceWith(page.getElementById(id));
  restore(!query().trim());
  const frame = document.querySelector("#board .table-frame");
  if (frame) frame.scrollTop = scrolled;
  if (inside) (document.getElementById(inside) ?? document.querySelector("#board tbody a") ?? field)?.focus({ preventScroll: true });
  const { said, count } = document.getElementById("board-head").dataset;
  countInBar(count);
  if (!quiet && said && said !== before) announce(said);
}

function countInBar(count) {
  const link = document.querySelector('.desk-bar nav a[href="/pooling"]');
  if (!link || count === undefined) return;
  const mark = link.querySelector(".count") ?? link.appendChild(Object.assign(document.createElement("span"), { className: "count" }));
  mark.textContent = count;
  mark.hidden = count === "0";
}

let typing = 0;
search?.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  renew();
});
field?.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(renew, 200);
});

function inBackground() {
  const busy = document.hidden || !navigator.onLine || document.querySelector("dialog[open]") || String(getSelection());
  if (!busy && !batch.hasAttribute("aria-busy")) renew({ background: true });
}
// What left comes by pages: only the board itself is drawn anew by the clock.
if (document.getElementById("batch-bar")) {
  setInterval(inBackground, MINUTE);
  document.addEventListener("visibilitychange", inBackground);
}
