// Open lists stay true without a push: every element with data-refresh="60" (seconds) and an id asks for itself again.
// Nothing moves under the person: not while they type, choose, select, or have a dialog open; scroll and focus stay.

import { announce } from "./announce.js";

const SHORTEST = 15;

for (const part of document.querySelectorAll("[data-refresh][id]")) {
  setInterval(() => refresh(part.id), Math.max(SHORTEST, Number(part.dataset.refresh) || 60) * 1000);
}
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.querySelectorAll("[data-refresh][id]").forEach((part) => refresh(part.id));
});

async function refresh(id) {
  const part = document.getElementById(id);
  if (!part || document.hidden || !navigator.onLine) return;
  try {
    const answer = await fetch(part.dataset.refreshUrl ?? location.href, {
      headers: { "HX-Request": "true", "HX-Target": id, "HX-Current-URL": location.href, "X-Background": "1" },
      redirect: "error",
    });
    const door = answer.headers.get("HX-Redirect");
    if (door) return atTheDoor(door);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(id);
    if (fresh && !isInUse(part)) replace(part, fresh);
  } catch {
    // No network: the list stays as it is, the next try or tap tells.
  }
}

// After an idle hour the names leave the screen, even where somebody went away in the middle of a search. What stands in
// an open dialog is of this moment only: there the next tap leads to the password.
async function atTheDoor(door) {
  if (document.querySelector("dialog[open]")) return;
  const { leaveFor } = await import("./kept.js");
  await leaveFor(door);
}

function isInUse(part) {
  const active = document.activeElement;
  const typing = part.contains(active) && active.matches("input:not([type=checkbox],[type=radio]), textarea, select");
  const chosen = part.querySelector("input[type=checkbox]:checked");
  return typing || chosen || document.querySelector("dialog[open]") || String(getSelection()) !== "";
}

function replace(part, fresh) {
  if (part.innerHTML === fresh.innerHTML) return;
  const { id, href } = part.contains(document.activeElement) ? document.activeElement : {};
  const [x, y] = [scrollX, scrollY];
  part.replaceChildren(...fresh.childNodes);
  window.htmx?.process(part);
  scrollTo(x, y);
  const again = (id && document.getElementById(id)) || (href && [...part.querySelectorAll("a")].find((link) => link.href === href));
  if (again) again.focus({ preventScroll: true });
  else if (href || id) focusHeading(part);
  announce(fresh.dataset.announce ?? "La liste a été mise à jour.");
}

function focusHeading(part) {
  const heading = part.querySelector("h1, h2, h3") ?? part;
  heading.setAttribute("tabindex", "-1");
  heading.focus({ preventScroll: true });
}
