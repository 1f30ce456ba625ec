// A template is a first draft: it fills the form at one press, and gives back what stood there at another.

import { reveal } from "./fields.js";
import { shownDestinations } from "./gravest.js";
import { shownLesion } from "./tabs.js";

const OF_A_LESION = ["diagnosis", "code", "conduct"];

export function watchTemplates(form) {
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-template]");
    if (!chip) return;
    const before = [...new FormData(form)];
    fill(form, JSON.parse(chip.dataset.template));
    document.querySelectorAll("[data-template]").forEach((one) => one.setAttribute("aria-pressed", String(one === chip)));
    const undo = document.getElementById("template-undo");
    undo.hidden = false;
    undo.querySelector("button").onclick = () => {
      restore(form, before, chip);
      undo.hidden = true;
      chip.focus();
    };
  });
}

function fill(form, template) {
  const path = `lesions.${shownLesion(form)}`;
  for (const name of OF_A_LESION) write(form, `${path}.${name}`, template[name] ?? "");
  check(form, `${path}.certainty`, template.certainty);
  if (template.risk_class) check(form, `${path}.risk_class`, template.risk_class);
  if (template.differentials?.length) write(form, `${path}.differentials`, template.differentials.join("\n"));
  if (template.biopsy) tick(form, `${path}.biopsy`, true);
  const destinations = shownDestinations(form);
  check(form, destinations[0].name, template.destination);
  if (template.destination_delay) write(form, "destination_delay", template.destination_delay);
  if (destinations[0].name === "destination") ofTheCase(form, template);
  else besideOthers(form, template);
  changed(form);
}

function ofTheCase(form, template) {
  tick(form, "within_two_weeks", template.within_two_weeks);
  tick(form, "follow_up", template.follow_up_weeks != null);
  write(form, "follow_up_weeks", template.follow_up_weeks ?? "");
  if (template.safety_net) write(form, "safety_net", template.safety_net);
}

// Of several lesions, what one template asks for stands beside what another asked for: the sooner holds.
function besideOthers(form, template) {
  const { follow_up_weeks: weeks, safety_net: net } = form.elements;
  if (template.within_two_weeks) tick(form, "within_two_weeks", true);
  if (template.follow_up_weeks && !(Number(weeks.value) <= template.follow_up_weeks && weeks.value)) {
    tick(form, "follow_up", true);
    write(form, "follow_up_weeks", template.follow_up_weeks);
  }
  const said = net.value.trim();
  if (template.safety_net && !said.includes(template.safety_net)) write(form, "safety_net", said ? `${said}\n${template.safety_net}` : template.safety_net);
}

function restore(form, before, chip) {
  const kept = new Map();
  for (const [name, value] of before) kept.set(name, [...(kept.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || ["csrf_token", "revision", "act"].includes(field.name)) continue;
    const values = kept.get(field.name) ?? [];
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
    else if (field.name !== "act") field.value = values[0] ?? "";
  }
  chip.setAttribute("aria-pressed", "false");
  changed(form);
}

function write(form, name, value) {
  const field = form.elements[name];
  if (!field) return;
  field.value = value;
  // What a template wrote is signed too: it is not left folded away.
  if (value && field.closest("details")) reveal(field);
}

function check(form, name, value) {
  for (const one of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) one.checked = one.value === value;
}

function tick(form, name, on) {
  const field = form.elements[name];
  if (field) field.checked = Boolean(on);
}

function changed(form) {
  form.querySelectorAll("[data-combobox] input[type=hidden]").forEach((code) => code.dispatchEvent(new Event("change", { bubbles: true })));
  form.dispatchEvent(new Event("input", { bubbles: true }));
  shownDestinations(form)[0].dispatchEvent(new Event("change", { bubbles: true }));
}
