// Every page starts here. What a page has no use for is not fetched.

import "./unsent.js";
import "./forms.js";
import "./swaps.js";
import "./dialogs.js";
import "./update.js";
import { toast } from "./announce.js";

const PARTS = {
  "[data-copy], [data-copy-url]": "./copy.js",
  "[data-refresh]": "./refresh.js",
  "[data-viewer], [data-print]": "./viewer.js",
  "[data-install]": "./install.js",
  "[data-push]": "./push.js",
};

function fetchParts() {
  for (const [selector, module] of Object.entries(PARTS)) if (document.querySelector(selector)) import(module);
}

fetchParts();
document.addEventListener("htmx:load", fetchParts);

// On a phone the places of a bar run out of it: the present one is in sight.
for (const here of document.querySelectorAll(".desk-bar nav [aria-current]")) {
  const bar = here.closest("nav");
  bar.scrollLeft += here.getBoundingClientRect().left - bar.getBoundingClientRect().left - 16;
}

// An error summary or the first thing to do takes the focus of a page that loads with one.
document.querySelector("[data-focus]")?.focus();

if (sessionStorage.getItem("kept-text")) giveBack();

async function giveBack() {
  const { settle } = await import("./kept.js");
  if (await settle()) toast("Ce que vous aviez écrit est revenu.");
}

function tellNetwork() {
  document.querySelectorAll("[data-offline]").forEach((bar) => (bar.hidden = navigator.onLine));
}
addEventListener("online", tellNetwork);
addEventListener("offline", tellNetwork);
tellNetwork();
// Pictures of a sent request that were still on their way when its page was left.
if (document.body.dataset.person && localStorage.getItem("dermavis-pictures")) import("./wizard/leftovers.js");
// Requests that only this phone holds.
if (document.getElementById("local-drafts") && localStorage.getItem("dermavis-here")) import("./wizard/here.js");
