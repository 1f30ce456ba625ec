// Putting DermAvis on the home screen: most browsers of Android ask by themselves when we let them; the others, and an
// iPhone, need to be told how. It is shown where people look for their settings, so it stays there until it is done.

import { isApplePhoneOrTablet } from "./apple.js";

const section = document.querySelector("[data-install]");
const installed = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
let prompt = null;

function offer(selector) {
  section.hidden = false;
  show(selector, true);
}

function show(selector, shown) {
  for (const part of section.querySelectorAll(selector)) part.hidden = !shown;
}

function hear(event) {
  prompt = event;
  show("[data-install-android]", false);
  offer("[data-install-prompt]");
}

if (section && !installed) {
  if (isApplePhoneOrTablet()) offer("[data-install-ios]");
  else if (window.installPrompt) hear(window.installPrompt);
  else if (/Android/.test(navigator.userAgent)) offer("[data-install-android]");
  addEventListener("beforeinstallprompt", hear); // app.js holds it back
  addEventListener("appinstalled", () => (section.hidden = true));
  section.addEventListener("click", async (event) => {
    if (!event.target.closest("[data-install-accept]") || !prompt) return;
    await prompt.prompt();
    section.hidden = true;
  });
}
