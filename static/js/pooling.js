// The coordinator's board: read with the arrows, chosen with the space bar, opened with Enter, sent with T.

import { announce } from "./announce.js";
import { act, openId } from "./pooling/list.js";
import { close, isWide, keepNote, open } from "./pooling/panel.js";
import { anyWaits, ids, restore, toggle } from "./pooling/selection.js";

const BUSY = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const batch = document.getElementById("batch");
const hold = document.getElementById("hold");
const holdForm = document.getElementById("hold-form");
const canChoose = Boolean(document.getElementById("batch-bar"));

if (canChoose) restore(true);

// ——— Where one stands in the list

function links() {
  return [...document.querySelectorAll("#board tr[data-row] th a")];
}

function current() {
  const row = document.activeElement.closest("#board tr[data-row]") ?? document.querySelector("#board tr.open-row");
  return row?.querySelector("th a") ?? null;
}

function step(by) {
  const all = links();
  const place = all.indexOf(current());
  go(place < 0 ? (by > 0 ? first(all) : all.at(-1)) : all[Math.min(all.length - 1, Math.max(0, place + by))]);
}

// Those to read again come first, though the urgent ones that left stand above them.
function first(all) {
  return all.find((link) => link.closest("tr").querySelector("input[name=case]")) ?? all[0];
}

function go(link) {
  link?.focus({ preventScroll: true });
  link?.closest("tr").scrollIntoView({ block: "nearest" });
}

function choose() {
  const box = current()?.closest("tr").querySelector("input[name=case]");
  if (box) toggle(box);
  else if (current()) announce("Cette demande est déjà partie.");
}

// ——— What the keys do

const KEYS = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  j: () => step(1),
  k: () => step(-1),
  Home: () => go(links()[0]),
  End: () => go(links().at(-1)),
  t: () => (ids().length ? batch.requestSubmit(document.getElementById("release-chosen")) : sayChooseFirst()),
  a: () => (ids().length ? openHold(ids()) : sayChooseFirst()),
  e: () => document.getElementById("complete")?.click(),
  r: () => document.getElementById("send-back")?.click(),
  "/": () => document.querySelector("#search input[type=search]")?.focus(),
  "?": () => document.getElementById("shortcuts")?.showModal(),
};
if (!canChoose) for (const key of "tar") delete KEYS[key];

function sayChooseFirst() {
  announce("Choisissez d’abord une demande : Espace.");
}

document.addEventListener("keydown", (event) => {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") return back(event);
  if (target.closest(BUSY)) return;
  if (event.key === " ") {
    const elsewhere = target.closest("button, summary, input, label") || !canChoose || !current();
    if (elsewhere || (target.closest("a") && !target.closest("#board"))) return;
    event.preventDefault();
    return choose();
  }
  const run = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!run) return;
  event.preventDefault();
  run();
});

function back(event) {
  if (!event.target.closest("#panel, #search, #outcomes")) return;
  event.preventDefault();
  const field = event.target.closest("#search")?.querySelector("input[type=search]");
  if (field?.value) {
    field.value = "";
    field.form.requestSubmit();
  }
  go(current() ?? links()[0]);
}

// ——— Opening a request: beside the list where there is room, as its own page elsewhere

document.addEventListener("click", (event) => {
  const link = event.target.closest("#board th a");
  if (!link || !isWide() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link);
});

// ——— Batches

batch.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!ids().length) return sayChooseFirst();
  send("/pooling/release", batch, ids());
});

holdForm?.addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = [...holdForm.querySelectorAll("[name=case]")].map((one) => one.value);
  const lifts = event.submitter?.name === "lift";
  hold.close();
  send("/pooling/hold", holdForm, chosen, lifts ? { lift: "1" } : {});
});

// A form of the panel that is about its one request.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-batch]") || !isWide()) return;
  event.preventDefault();
  send(event.target.getAttribute("action"), event.target, [openId()], { lift: "1" });
}, true);

async function send(address, form, chosen, more = {}) {
  if (batch.hasAttribute("aria-busy")) return;
  batch.setAttribute("aria-busy", "true");
  const body = new FormData(form);
  body.delete("case");
  for (const id of chosen) body.append("case", id);
  for (const [name, value] of Object.entries(more)) body.set(name, value);
  try {
    const answered = await act(address, body);
    if (answered) await settle(answered);
  } finally {
    batch.removeAttribute("aria-busy");
  }
}

// The open request is drawn anew when it was among them; on a narrow screen the result stands on the list.
async function settle({ done, title }) {
  const here = openId();
  if (here && done.includes(here) && isWide()) {
    const row = document.getElementById(`open-${here}`);
    if (row) await open(row);
    else await close();
  } else if (here && !isWide()) await close();
  title.focus({ preventScroll: false });
}

document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-hold]");
  if (opener) openHold(opener.dataset.hold ? [opener.dataset.hold] : ids());
  const fills = target.closest("[data-fills]");
  if (fills) {
    const field = document.getElementById(fills.dataset.fills);
    field.value = fills.textContent.trim();
    field.focus();
  }
  if (target.closest("[data-dismiss]")) {
    document.getElementById(target.closest("[data-dismiss]").dataset.dismiss).replaceChildren();
    go(current() ?? links()[0]);
  }
});

function openHold(chosen) {
  if (!hold || !chosen.length) return;
  const cases = chosen.map((id) => Object.assign(document.createElement("input"), { type: "hidden", name: "case", value: id }));
  document.getElementById("hold-cases").replaceChildren(...cases);
  const name = chosen.length === 1 && document.getElementById(`open-${chosen[0]}`)?.textContent;
  document.getElementById("hold-whom").textContent = name || `${chosen.length} demandes choisies`;
  document.getElementById("lift").hidden = !anyWaits(chosen);
  hold.showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("#complete")) keepNote();
});

// A form that came back refused stands in its sheet: open it again, on what is wrong.
const again = document.querySelector("dialog [data-open-now]")?.closest("dialog");
if (again) {
  again.showModal();
  (again.querySelector("[data-focus]") ?? again.querySelector("[aria-invalid=true]"))?.focus();
}
