// On the account's page: whether this device keeps cases to be read without network, and how many it has.

import { countKept, keepsCases, renewKept, startKeeping, stopKeeping, whenKept } from "./wizard/kept-cases.js";

const [box] = document.querySelectorAll("[data-keep-cases]");
const [told] = document.querySelectorAll("[data-kept-told]");

async function tell(words = "") {
  if (words || !box.checked) return (told.textContent = words);
  const { number, at } = await countKept(document.body.dataset.person);
  told.textContent = number ? `${number > 1 ? `${number}\u00a0copies, la dernière faite` : "Une copie, faite"} le ${whenKept(at)}.` : "Aucune copie pour l’instant\u00a0: elles viendront d’elles-mêmes.";
  return undefined;
}

box.addEventListener("change", async () => {
  if (!box.checked) {
    await stopKeeping();
    return tell("Les copies sont effacées de cet appareil.");
  }
  startKeeping();
  tell("Copie en cours…");
  const whole = await renewKept({ now: true });
  return tell(whole ? "" : "Tout n’est pas encore copié\u00a0: la suite viendra avec le réseau.");
});

box.checked = keepsCases();
tell();
