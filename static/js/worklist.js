// The expert's list from the keyboard: arrows choose, Enter opens (it is a link), S begins, P unfolds, ? explains.

import { announce } from "./announce.js";

const BUSY = "input, textarea, select, [contenteditable]";

function links() {
  return [...document.querySelectorAll("#queue .case-row a")];
}

function step(by) {
  const all = links();
  const place = all.indexOf(document.activeElement);
  const next = place < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, place + by));
  focus(all[next]);
}

function focus(link) {
  link?.focus();
  link?.closest("li").scrollIntoView({ block: "nearest" });
}

const KEYS = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  j: () => step(1),
  k: () => step(-1),
  Home: () => focus(links()[0]),
  End: () => focus(links().at(-1)),
  s: () => document.getElementById("start")?.click(),
  p: () => document.querySelector("[data-more]")?.click(),
  "?": () => document.getElementById("shortcuts")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  const run = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  const busy = event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.target.closest(BUSY);
  if (!run || busy || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  run();
});

// The rest of the list joins what is shown; the address remembers how far, for a reload, a return and each refresh.
document.addEventListener("click", async (event) => {
  const more = event.target.closest("[data-more]");
  if (!more || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  more.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(more.href, { headers: { "HX-Request": "true" }, redirect: "error" });
    if (!answer.ok || answer.headers.has("HX-Redirect")) throw new Error("not now");
    join(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    location.assign(more.href);
  }
});

function join(page) {
  const queue = document.getElementById("queue");
  const shown = new Set([...queue.children].map((row) => row.id));
  const fresh = [...page.querySelectorAll("#queue > li")].filter((row) => !shown.has(row.id));
  queue.append(...fresh);
  const foot = page.querySelector(".list-foot");
  const here = document.querySelector(".list-foot");
  const words = here.querySelector("span").textContent.replace(/^\d+/, String(queue.children.length));
  here.replaceWith(foot);
  foot.querySelector("span").textContent = words;
  const address = new URL(location.href);
  address.searchParams.set("through", page.getElementById("worklist").dataset.last);
  history.replaceState(history.state, "", address);
  focus(fresh[0]?.querySelector("a"));
  announce(`${fresh.length} de plus.`);
}

