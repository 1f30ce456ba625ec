// The page that says there is no network: on a device with a code, a new request begins all the same, and those that
// wait here can be opened, with the cases that are kept to be read.

import { codeHere } from "./wizard/code.js";
import { beginsHere } from "./wizard/facts.js";
import { heldKey } from "./wizard/held-key.js";
import { closeWhenIdle } from "./wizard/idle.js";
import { takeKey } from "./wizard/key.js";
import { openHere } from "./wizard/without-network.js";

const [place] = document.querySelectorAll("[data-without-network]");
const opener = place.querySelector("[data-open-here]");

async function show() {
  const here = await codeHere();
  if (!here) return;
  place.hidden = false;
  document.querySelector("[data-new-request]").hidden = !(await beginsHere(here.person));
  const held = await heldKey();
  if (!held) return opener.addEventListener("click", open);
  takeKey(held);
  await list();
}

async function open() {
  await openHere();
  await list();
}

async function list() {
  opener.hidden = true;
  closeWhenIdle();
  await Promise.all([import("./wizard/here.js"), import("./kept-list.js").then(({ listKept }) => listKept())]);
}

show();

// The worker shows this page for a line that is silent too; a touch here that asks for the network again waits for it longer.
addEventListener("click", () => navigator.serviceWorker?.controller?.postMessage({ type: "wait" }), true);
