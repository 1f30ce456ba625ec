// What htmx leaves to us: the token, a session that has ended, errors in words, and a focus that never falls to the page.

import { announce, toast } from "./announce.js";

let before = null;

document.addEventListener("htmx:configRequest", ({ detail }) => {
  const token = document.querySelector("meta[name=csrf-token]")?.content;
  if (token && detail.verb !== "get") detail.headers["X-CSRFToken"] = token;
});

document.addEventListener("htmx:beforeSwap", () => {
  const active = document.activeElement;
  before = active && active !== document.body ? { id: active.id, name: active.name, href: active.getAttribute("href") } : null;
});

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const part = detail.target?.isConnected ? detail.target : document.getElementById(detail.target?.id) ?? detail.elt;
  speak(part);
  const wished = part?.querySelector?.("[data-focus]");
  if (wished) return focus(wished);
  if (document.activeElement && document.activeElement !== document.body) return;
  focus(sameAsBefore(part) ?? part?.querySelector?.("h1, h2, h3, legend") ?? part ?? document.getElementById("main"));
});

function sameAsBefore(part) {
  if (!before) return null;
  if (before.id && document.getElementById(before.id)) return document.getElementById(before.id);
  const candidates = [...(part?.querySelectorAll?.("a, button, input, select, textarea") ?? [])];
  return candidates.find((one) => (before.name && one.name === before.name) || (before.href && one.getAttribute("href") === before.href));
}

function focus(element) {
  if (!element) return;
  element.focus({ preventScroll: false });
  if (document.activeElement === element) return;
  element.setAttribute("tabindex", "-1");
  element.focus();
}

function speak(part) {
  const said = part?.matches?.("[data-announce]") ? part : part?.querySelector?.("[data-announce]");
  if (said) announce(said.dataset.announce || said.textContent.trim());
}

// Events that the server sends in HX-Trigger: {"announce": "…"}, {"toast": "…"} or {"toast": {words, label, href}}.
document.addEventListener("announce", ({ detail }) => announce(detail.value));
document.addEventListener("toast", ({ detail }) => toast(detail.words ?? detail.value, detail.label ? detail : null));

// The session has ended: the sign-in is a whole page, never a corner of this one, and the text waits for its return.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr } = event.detail;
  const target = xhr.getResponseHeader("HX-Redirect") ?? "";
  const ended = xhr.status === 401 || target.startsWith("/sign-in");
  if (!ended) return;
  event.preventDefault();
  const here = encodeURIComponent(location.pathname + location.search);
  const leave = () => {
    window.leavingOnPurpose = true;
    location.assign(target || `/sign-in?next=${here}`);
  };
  import("./kept.js").then(({ keep }) => keep()).then(leave, leave);
});

document.addEventListener("htmx:responseError", ({ detail }) => {
  const words = wordsOf(detail.xhr) || "Une erreur de notre côté.";
  toast(`${words} Ce que vous avez écrit est resté à l’écran.`);
});
document.addEventListener("htmx:sendError", () => toast("Pas de réseau : rien n’est parti, tout est resté à l’écran. Réessayez."));
document.addEventListener("htmx:timeout", () => toast("Le serveur tarde : rien ne dit que c’est arrivé. Rechargez avant de recommencer."));

function wordsOf(xhr) {
  try {
    return JSON.parse(xhr.responseText).message;
  } catch {
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    return (page.querySelector("main p") ?? page.querySelector("h1"))?.textContent.trim() ?? "";
  }
}
