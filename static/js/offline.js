// The page that says there is no network: on a device with a code, a new request begins all the same, and those that
// wait here can be opened.

import { codeHere } from "./wizard/code.js";
import { heldKey } from "./wizard/held-key.js";
import { takeKey } from "./wizard/key.js";
import { openHere } from "./wizard/without-network.js";

const [place] = document.querySelectorAll("[data-without-network]");
const opener = place.querySelector("[data-open-here]");

async function show() {
  if (!(await codeHere())) return;
  for (const part of document.querySelectorAll("[data-without-network]")) part.hidden = false;
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
  await import("./wizard/here.js");
}

show();
