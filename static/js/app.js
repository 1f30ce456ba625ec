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
  "[data-viewer]": "./viewer.js",
  "[data-print]": "./print.js",
  "[data-install]": "./install.js",
  "[data-push]": "./push.js",
  "[data-phone-code]": "./phone-code.js",
  "[data-resume-code]": "./resume-code.js",
  "[data-without-network]": "./offline.js",
  "[data-kept-case]": "./kept-case.js",
  "[data-keep-cases]": "./keep-cases.js",
};

function fetchParts() {
  for (const [selector, module] of Object.entries(PARTS)) if (document.querySelector(selector)) import(module);
}

// It comes once, maybe before install.js does.
addEventListener("beforeinstallprompt", (event) => {
  if (!document.querySelector("[data-install]")) return;
  event.preventDefault();
  window.installPrompt = event;
});

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
// The icon of the installed application tells how much is unread, as the page's bell does; nothing once signed out.
const bell = document.querySelector("a[href='/notifications']");
const unread = bell ? Number.parseInt(bell.querySelector(".count")?.textContent ?? "0", 10) : 0;
if (navigator.setAppBadge && (bell || "signedOut" in document.body.dataset)) navigator.setAppBadge(unread).catch(() => {});

const phoneHas = (...words) => words.some((word) => localStorage.getItem(`dermavis-${word}`));

// A session that ended in another tab ends here too. A request's own page has wizard/covering.js.
if (!("signedOut" in document.body.dataset)) new BroadcastChannel("dermavis-session").onmessage = () => import("./ended.js").then(({ leaveWhenEnded }) => leaveWhenEnded());

function startForWhatThePhoneHolds() {
  // Requests that wait for the network to leave, and pictures that were still on their way when their page was left.
  if (document.body.dataset.person && phoneHas("outbox", "pictures")) import("./wizard/outbox.js");
  // The code of this phone ends with its owner's session.
  if ("signedOut" in document.body.dataset || phoneHas("code")) import("./wizard/code-watch.js");
  // Requests that only this phone holds.
  if (document.getElementById("local-drafts") && phoneHas("here", "outbox") && !document.querySelector("[data-without-network]")) import("./wizard/here.js");
}

startForWhatThePhoneHolds();
if (!sessionStorage.getItem("dermavis-recalled")) {
  sessionStorage.setItem("dermavis-recalled", "1");
  import("./recall.js").then(({ recall }) => recall()).then((more) => more && startForWhatThePhoneHolds(), () => {});
}
