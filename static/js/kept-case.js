// One case without network: the copy that this device keeps of it, opened by its code, with its date.

import { listKept } from "./kept-list.js";
import { codeHere } from "./wizard/code.js";
import { heldKey } from "./wizard/held-key.js";
import { closeWhenIdle } from "./wizard/idle.js";
import { openKept, whenKept } from "./wizard/kept-cases.js";
import { takeKey } from "./wizard/key.js";
import { openHere } from "./wizard/without-network.js";

const [id] = /[0-9a-f-]{36}$/.exec(location.pathname) ?? [""];
const [told] = document.querySelectorAll("[data-kept-told]");

async function start() {
  if (!(await codeHere())) return (told.textContent = "Aucune copie n’est gardée sur cet appareil. Si c’est urgent, téléphonez.");
  const held = await heldKey();
  if (held) takeKey(held);
  else await openHere("Ces six chiffres ouvrent les copies gardées sur cet appareil.");
  closeWhenIdle();
  return show();
}

async function show() {
  const kept = await openKept(id);
  if (kept) return showCase(kept);
  const others = await listKept();
  told.textContent = `Cette demande n’est pas gardée sur cet appareil.${others ? "" : " Si c’est urgent, téléphonez."}`;
  return undefined;
}

async function showCase({ at, html, number, addresses }) {
  document.title = `${number} – DermAvis`;
  const main = document.getElementById("main");
  const date = main.querySelector("[data-kept-date]");
  main.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  main.className = "flush case-page";
  for (const name of ["src", "href"]) {
    for (const part of main.querySelectorAll(`[${name}^="/cases/"]`)) {
      const address = part.getAttribute(name);
      if (addresses.has(address)) part.setAttribute(name, addresses.get(address));
      else if (name === "src") part.removeAttribute(name);
    }
  }
  document.querySelector(".top-bar").replaceWith(main.querySelector(":scope > .patient-band"));
  date.querySelector("[data-kept-when]").textContent = `Elle date du ${whenKept(at)}.`;
  date.hidden = false;
  main.prepend(date);
  if (main.querySelector("[data-viewer]")) await import("./viewer.js");
  document.body.dataset.ready = "true";
}

start().catch((error) => {
  if (!error.said) throw error;
  told.textContent = error.said.join("\u00a0: ");
});
