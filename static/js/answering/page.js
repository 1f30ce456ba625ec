// The expert's page of a case: the opinion saves itself, is signed on purpose, and everything has a key.

import { Autosave } from "./autosave.js";
import "./leaving.js";
import { watchDiagnoses } from "./diagnoses.js";
import { watchFollowUp } from "./follow-up.js";
import { watchGravest } from "./gravest.js";
import { watchKeys } from "./keys.js";
import { watchSigning } from "./signing.js";
import { watchTabs } from "./tabs.js";
import { watchTemplates } from "./templates.js";

const form = document.getElementById("opinion");

if (form) {
  const saving = new Autosave(form);
  watchDiagnoses(form);
  watchTabs(form);
  watchGravest(form);
  watchTemplates(form);
  watchFollowUp(form);
  watchSigning(form, saving);
  const compare = document.querySelector("[data-compare-prepared]");
  if (compare) {
    compare.hidden = false;
    compare.addEventListener("click", () => saving.comparePrepared(compare.closest(".notice").querySelector("p").textContent));
  }
}
watchKeys(form);

// A form that came back refused stands in its sheet: open it again, on what is wrong.
const again = document.querySelector("dialog [data-open-now]")?.closest("dialog");
if (again) {
  again.showModal();
  (again.querySelector("[data-focus]") ?? again.querySelector("[aria-invalid=true]"))?.focus();
}
