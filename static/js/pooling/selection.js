// Which requests are chosen. The choice lives in this tab (ids only): it survives the refresh, the search and a visit to
// the page that completes a request; a request that left the board leaves the choice.

const PLACE = `pooling-chosen-${document.body.dataset.person ?? ""}`;
const ONE = { complete: "complète", to_complete: "à compléter", waits: "en attente" };
const chosen = new Map(JSON.parse(sessionStorage.getItem(PLACE) ?? "[]"));

const form = document.getElementById("batch");
const words = document.getElementById("chosen");
const release = document.getElementById("release-chosen")?.querySelector("span");

export const ids = () => [...chosen.keys()];

export function boxes() {
  return [...document.querySelectorAll("#board input[name=case]")];
}

export function toggle(box) {
  box.checked = !box.checked;
  take(box);
  tell();
}

export function forget(gone) {
  for (const id of gone) chosen.delete(id);
}

// After the list was drawn anew: the boxes take the choice back, and what is no longer there is no longer chosen.
export function restore(whole) {
  const here = boxes();
  const shown = new Set(here.map((box) => box.value));
  if (whole) forget(ids().filter((id) => !shown.has(id)));
  for (const box of here) {
    box.checked = chosen.has(box.value);
    if (box.checked) take(box);
  }
  tell();
}

function take(box) {
  const row = box.closest("tr");
  if (box.checked) chosen.set(box.value, { file: row.dataset.file });
  else chosen.delete(box.value);
}

export function anyWaits(some) {
  return some.some((id) => chosen.get(id)?.file === "waits");
}

function tell() {
  sessionStorage.setItem(PLACE, JSON.stringify([...chosen]));
  const all = document.getElementById("choose-all");
  const here = boxes();
  const checked = here.filter((box) => box.checked).length;
  if (all) {
    all.checked = here.length > 0 && checked === here.length;
    all.indeterminate = checked > 0 && checked < here.length;
  }
  if (!words) return;
  form.toggleAttribute("data-chosen", chosen.size > 0);
  const told = sentence(chosen.size - checked);
  if (words.textContent !== told) words.textContent = told;
  release.textContent = chosen.size > 1 ? `Transmettre les ${chosen.size}` : "Transmettre";
}

// The same words and the same count as above the list: complete, to complete, waiting.
function sentence(elsewhere) {
  const files = [...chosen.values()].map(({ file }) => file);
  const count = files.length;
  const hidden = elsewhere ? ` (${elsewhere} hors de la recherche)` : "";
  if (!count) return "Aucune demande choisie";
  const among = (file) => files.filter((one) => one === file).length;
  const told = count === 1 ? ONE[files[0]] : several(count, among("to_complete"), among("waits"));
  return `${count} ${count === 1 ? "demande choisie" : "demandes choisies"}, ${told}${hidden}`;
}

function several(count, toComplete, waiting) {
  if (!toComplete && !waiting) return "toutes complètes";
  if (toComplete === count || waiting === count) return toComplete ? "toutes à compléter" : "toutes en attente";
  const parts = [toComplete && `${toComplete} à compléter`, waiting && `${waiting} en attente`];
  return `dont ${parts.filter(Boolean).join(" et ")}`;
}

form?.addEventListener("change", ({ target }) => {
  if (target.id === "choose-all") {
    for (const box of boxes()) {
      box.checked = target.checked;
      take(box);
    }
  } else if (target.name === "case") {
    take(target);
  } else return;
  tell();
});

form?.addEventListener("reset", (event) => {
  event.preventDefault();
  chosen.clear();
  restore(false);
  document.querySelector("#board tbody a")?.focus({ preventScroll: true });
});
