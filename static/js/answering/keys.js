// The expert's keys. Those of the pictures are the viewer's.

import { shownDestinations } from "./gravest.js";

const WRITING = "input:not([type=radio],[type=checkbox]), textarea, select, [contenteditable], [role=listbox]";

export function watchKeys(form) {
  const press = (id) => document.getElementById(id)?.querySelector("button")?.click() ?? document.getElementById(id)?.click();
  const open = (id) => document.getElementById(id)?.showModal();
  const keys = {
    m: () => form?.querySelector("[data-template], #templates button")?.focus(),
    d: () => form?.querySelector(".lesion:not([hidden]) [role=combobox]")?.focus(),
    q: () => open("precision"),
    p: () => press("pass"),
    r: () => document.getElementById("claim")?.click(),
    "?": () => open("shortcuts"),
  };
  for (const number of [1, 2, 3, 4, 5]) keys[number] = () => outcome(form, number - 1);

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return sign(event);
    if (event.key === "Escape" && event.target.matches?.("#opinion textarea, #opinion input") && !event.defaultPrevented) return event.target.blur();
    const run = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const busy = event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.target.closest?.(WRITING);
    if (!run || busy || document.querySelector("dialog[open]")) return undefined;
    event.preventDefault();
    return run();
  });

  // Within a form the shortcut is the form's own (forms.js).
  function sign(event) {
    if (!form || event.defaultPrevented || event.target.closest?.("form") || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector(".primary[name=act]") ?? undefined);
  }
}

function outcome(form, place) {
  const choice = shownDestinations(form)[place];
  if (!choice) return;
  choice.checked = true;
  choice.focus();
  choice.dispatchEvent(new Event("input", { bubbles: true }));
  choice.dispatchEvent(new Event("change", { bubbles: true }));
}
