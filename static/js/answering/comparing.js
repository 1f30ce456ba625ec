// Two texts of one opinion, field by field: the one on this screen, and one that was saved elsewhere. The person chooses.

import { reveal } from "./fields.js";

const NOT_WRITTEN = /^(csrf_token|revision|case_revision|opinion_version|referral|act|list|motive|sitting|amend|message_id|calls\.\d+\.(whom|phone))$/;

// Asks which text goes on, field by field; puts it on the screen. `base`: the text that both began from.
// Resolves to false when the person puts it off.
export async function choose(form, other, base, { heading, said }) {
  const rows = differing(form, other);
  if (!rows.length) return true;
  const answer = await ask(rows, base, heading, said);
  if (!answer) return false;
  for (const [place, row] of rows.entries()) if (answer[place] === "theirs") take(form, other, row.names);
  form.dispatchEvent(new Event("input", { bubbles: true }));
  form.elements.destination[0].dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

// Every written field of a form: name → its values.
export function written(form) {
  const found = {};
  for (const [name, value] of new FormData(form)) if (!NOT_WRITTEN.test(name)) (found[name] ??= []).push(value);
  if (!Object.keys(found).some((name) => name.endsWith(".made"))) delete found.call_hour;
  return found;
}

// What is kept or taken as one: a diagnosis with its code, and the treatments of a lesion, of which no dose goes astray.
const partOf = (name) => name.replace(/\.code$/, ".diagnosis").replace(/\.treatments\..*$/, ".treatments");

// The parts that differ, as they stand on the page.
function differing(form, other) {
  const [mine, theirs] = [written(form), written(other)];
  const parts = new Map();
  for (const name of new Set([...form.elements, ...other.elements].map((control) => control.name))) {
    if (!name || told(mine[name]) === told(theirs[name])) continue;
    const key = partOf(name);
    parts.set(key, new Set([...(parts.get(key) ?? []), name]));
  }
  return [...parts].map(([key, names]) => ({
    names: [...names],
    label: labelOf(form, key) || labelOf(other, key),
    mine: words(form, key),
    theirs: words(other, key),
  }));
}

const told = (values) => (values ?? []).join("\n").trim();

const controlsOf = (form, name) => [...form.elements].filter((control) => control.name === name);

const isList = (key) => key.endsWith(".treatments");

function labelOf(form, key) {
  const [control] = controlsOf(form, isList(key) ? `${key}.0.drug` : key);
  if (!control) return "";
  const tab = control.closest("[role=tabpanel]")?.getAttribute("aria-labelledby");
  const lesion = tab ? control.ownerDocument.getElementById(tab)?.firstChild.textContent.trim() : "";
  const group = (isList(key) || ["radio", "checkbox"].includes(control.type)) && control.closest("fieldset");
  const label = group ? group.querySelector("legend") : control.ariaLabel ? null : control.labels?.[0];
  const said = (label?.firstChild?.textContent ?? control.ariaLabel ?? control.labels?.[0]?.textContent ?? "").trim();
  return lesion ? `${said}, ${lesion}` : said;
}

function words(form, key) {
  if (isList(key)) return [...form.querySelectorAll(".treatment")].filter((line) => line.querySelector("input").name.startsWith(`${key}.`)).map(lineWords).filter(Boolean).join("\u00a0; ");
  const code = key.endsWith(".diagnosis") ? spoken(form, key.replace(/diagnosis$/, "code")) : "";
  return [spoken(form, key), code].filter(Boolean).join(", ");
}

const lineWords = (line) => [...line.querySelectorAll("input")].map((input) => input.value.trim()).filter(Boolean).join(", ");

function spoken(form, name) {
  return controlsOf(form, name)
    .filter((control) => !["radio", "checkbox"].includes(control.type) || control.checked)
    .map((control) => (["radio", "checkbox"].includes(control.type) ? control.labels[0]?.textContent.trim() ?? "" : control.value.trim()))
    .filter(Boolean)
    .join(", ");
}

function ask(rows, base, heading, said) {
  const box = element("dialog", { className: "sheet broad" });
  box.setAttribute("aria-labelledby", "compare-title");
  const sets = rows.map((row, place) => fieldOf(row, place, changedHere(row, base)));
  const all = (which) => () => sets.forEach((set) => (set.querySelector(`[value=${which}]`).checked = true));
  const list = element("form", { className: "fields close", method: "dialog" }, [
    element("div", { className: "row" }, [
      button("Tout garder d’ici", "", all("mine")),
      button("Tout prendre de l’autre", "", all("theirs")),
    ]),
    ...sets,
    element("div", { className: "row" }, [
      button("Continuer avec ces choix", "primary tall", () => box.close("chosen")),
      button("Plus tard", "quiet", () => box.close("")),
    ]),
  ]);
  box.append(element("h2", { id: "compare-title", textContent: heading }), element("p", { textContent: said }), list);
  document.body.append(box);
  box.showModal();
  return new Promise((resolve) => {
    box.addEventListener("close", () => {
      const chosen = sets.map((set) => set.querySelector(":checked").value);
      box.remove();
      resolve(box.returnValue === "chosen" ? chosen : null);
    });
  });
}

// What only the other text changed is taken by default; what was typed here stays.
const changedHere = (row, base) => !base || row.names.some((name) => told(base.now[name]) !== told(base.then[name]));

function fieldOf({ label, mine, theirs }, place, here) {
  const choice = (value, who, text) => {
    const input = element("input", { type: "radio", name: `part-${place}`, value, checked: (value === "mine") === here });
    const shown = element("span", { textContent: text || "(vide)" });
    shown.translate = false;
    return element("label", { className: "choice" }, [input, element("span", {}, [element("small", { textContent: who }), shown])]);
  };
  return element("fieldset", { className: "field" }, [
    element("legend", { textContent: label }),
    element("div", { className: "choices two" }, [choice("mine", "Sur cet écran", mine), choice("theirs", "L’autre texte", theirs)]),
  ]);
}

// Puts the other text's answer in the form; a line that this form does not show yet comes with it.
function take(form, other, names) {
  const values = written(other);
  for (const name of names) {
    if (!controlsOf(form, name).length) bring(form, other, name);
    for (const [place, control] of controlsOf(form, name).entries()) {
      if (["radio", "checkbox"].includes(control.type)) control.checked = (values[name] ?? []).includes(control.value);
      else control.value = values[name]?.[place] ?? "";
      if (control.type === "hidden") control.dispatchEvent(new Event("change", { bubbles: true }));
      else if (control.value && control.closest("details")) reveal(control);
    }
  }
}

function bring(form, other, name) {
  const line = controlsOf(other, name)[0].closest(".treatment");
  const lesion = name.split(".treatments.")[0];
  controlsOf(form, `${lesion}.treatments.0.drug`)[0]?.closest(".treatments").append(document.importNode(line, true));
}

function button(label, look, run) {
  const made = element("button", { type: "button", className: `button ${look}`, textContent: label });
  made.addEventListener("click", run);
  return made;
}

function element(name, more, children = []) {
  const made = Object.assign(document.createElement(name), more);
  made.append(...children);
  return made;
}
