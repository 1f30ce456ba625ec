// The code of this phone, on the account's page: chosen, changed, removed.

import { toast } from "./announce.js";
import { call, Refused, Unreachable } from "./wizard/api.js";
import { codeFault, codeHere, forgetCode, keepDigits, makeCode } from "./wizard/code.js";
import { dropKey } from "./wizard/held-key.js";
import { keyFromServer } from "./wizard/key.js";

const section = document.querySelector("[data-phone-code]");
const form = section.querySelector("form");
const [code, again] = ["phone_code", "phone_code_again"].map((name) => form.elements[name]);

async function show() {
  const here = await codeHere();
  const mine = here?.person === document.body.dataset.person;
  section.querySelector("[data-code-absent]").hidden = mine;
  section.querySelector("[data-code-present]").hidden = !mine;
  const way = section.querySelector("[data-code-summary]");
  way.lastChild.textContent = mine ? "Changer de code" : "Choisir un code";
  section.querySelector("details").open = location.hash === "#code" && !mine && way.matches("summary");
  section.hidden = false;
}

function tell(field, words) {
  document.getElementById(`${field.id}-told`).textContent = words;
  if (words) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fault = codeFault(code.value);
  const differs = !fault && code.value !== again.value ? "Les deux codes ne sont pas les mêmes." : "";
  tell(code, fault);
  tell(again, differs);
  const wrong = fault ? code : differs ? again : null;
  if (wrong) return wrong.focus();
  const refusal = await choose(code.value);
  if (refusal) return tell(code, refusal);
  form.reset();
  toast("Code enregistré sur cet appareil.");
  return show();
});

async function choose(digits) {
  try {
    const { proof } = await call("POST", "/api/v1/device-code", { body: {} });
    const { key, person } = await keyFromServer();
    return (await makeCode(digits, { key, proof, person })) ? "" : "Ce navigateur ne peut pas garder de code. Vos demandes, elles, sont gardées avec le réseau.";
  } catch (error) {
    if (error instanceof Refused) return error.message;
    if (error instanceof Unreachable) return "Pas de réseau\u00a0: réessayez quand il revient.";
    throw error;
  }
}

section.querySelector("[data-code-remove]").addEventListener("click", async () => {
  await forgetCode();
  dropKey();
  section.querySelectorAll("[data-keep-cases]").forEach((box) => {
    box.checked = false;
    section.querySelector("[data-kept-told]").textContent = "";
  });
  await call("DELETE", "/api/v1/device-code").catch(() => {}); // Without network it opens nothing here any more all the same.
  toast("Code supprimé. Vos demandes restent, chiffrées.");
  show();
});

for (const field of [code, again]) field.addEventListener("input", () => keepDigits(field));
show();
