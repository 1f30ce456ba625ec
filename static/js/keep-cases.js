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
    return tell((await stopKeeping()) ? "Les copies sont effacées de cet appareil." : "La mémoire de ce navigateur ne répond pas\u00a0: fermez les autres pages de DermAvis, puis recommencez.");
  }
  startKeeping();
  tell("Copie en cours…");
  const whole = await renewKept({ now: true });
  return tell(whole ? "" : "Tout n’est pas copié\u00a0: la suite viendra avec le réseau, s’il reste de la place.");
});

box.checked = keepsCases();
tell();
