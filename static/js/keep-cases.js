// On the account's page: whether this device keeps cases to be read without network.

import { toast } from "./announce.js";
import { keepsCases, renewKept, startKeeping, stopKeeping } from "./wizard/kept-cases.js";

const [box] = document.querySelectorAll("[data-keep-cases]");

box.checked = keepsCases();
box.addEventListener("change", async () => {
  if (!box.checked) {
    await stopKeeping();
    return toast("Les copies sont effacées de cet appareil.");
  }
  startKeeping();
  toast("Copie en cours…");
  return toast((await renewKept({ now: true })) ? "Copies gardées sur cet appareil." : "Tout n’est pas encore copié : la suite viendra avec le réseau.");
});
