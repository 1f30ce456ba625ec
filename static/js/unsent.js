// Texts that a person has typed and that have not left: forms marked data-guard, and drafts (body data-draft-open).

const untouched = new WeakMap();
const leaving = new WeakSet();

export function hasUnsentText() {
  if (document.body.hasAttribute("data-draft-open")) return true;
  return [...document.querySelectorAll("form[data-guard]")].some((form) => isTouched(form) && !leaving.has(form));
}

export function isTouched(form) {
  return untouched.has(form) && untouched.get(form) !== written(form);
}

// After a save without reload: what stands there now is what the server has.
export function markSaved(form) {
  untouched.set(form, written(form));
}

function written(form) {
  return JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
}

function watch(root) {
  for (const form of root.querySelectorAll("form[data-guard]")) if (!untouched.has(form)) markSaved(form);
}

watch(document);
document.addEventListener("htmx:load", (event) => watch(event.detail.elt));
document.addEventListener("saved", (event) => event.target.matches("form") && markSaved(event.target));
document.addEventListener("submit", (event) => !event.defaultPrevented && leaving.add(event.target));
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form");
  if (!form) return;
  leaving.delete(form);
  if (event.detail.successful) markSaved(form);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-visit]");
  if (!link || event.ctrlKey || event.metaKey || !hasUnsentText()) return;
  event.preventDefault();
  import("./kept.js").then(({ visit }) => visit(link.href));
});
addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => leaving.delete(form)));
addEventListener("beforeunload", (event) => {
  const typed = [...document.querySelectorAll("form[data-guard]")];
  if (typed.some((form) => isTouched(form) && !leaving.has(form)) && !window.leavingOnPurpose) event.preventDefault();
});
