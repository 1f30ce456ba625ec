// Which requests are chosen. The choice lives in this tab (ids only): it survives the refresh, the search and a visit to
// the page that completes a request; a request that left the board leaves the choice.

const PLACE = `pooling-chosen-${document.body.dataset.person ?? ""}`;
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
  if (box.checked) chosen.set(box.value, { lacks: row.dataset.lacks, waits: "waits" in row.dataset });
  else chosen.delete(box.value);
}

export function anyWaits(some) {
  return some.some((id) => chosen.get(id)?.waits);
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

function sentence(elsewhere) {
  const values = [...chosen.values()];
  const count = values.length;
  const lacking = values.filter(({ lacks }) => lacks === "lacks").length;
  const provisional = values.filter(({ lacks }) => lacks === "advice").length;
  const hidden = elsewhere ? ` (${elsewhere} hors de la recherche)` : "";
  if (!count) return "Aucune demande choisie";
  if (count === 1) return `1 demande choisie, ${lacking ? "incomplète" : provisional ? "identité provisoire" : "complète"}${hidden}`;
  const state = lacking === count ? "toutes incomplètes"
    : lacking ? `dont ${lacking} ${lacking === 1 ? "incomplète" : "incomplètes"}`
    : provisional ? `dont ${provisional} à identité provisoire` : "toutes complètes";
  return `${count} demandes choisies, ${state}${hidden}`;
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
