// Putting DermAvis on the home screen: Android asks by itself when we let it, an iPhone needs to be told how. It is shown
// where people look for their settings, so it stays there until it is done.

import { isApplePhoneOrTablet } from "./apple.js";

const section = document.querySelector("[data-install]");
const installed = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
let prompt = null;

function offer(selector) {
  section.hidden = false;
  for (const part of section.querySelectorAll(selector)) part.hidden = false;
}

if (section && !installed) {
  if (isApplePhoneOrTablet()) offer("[data-install-ios]");
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    prompt = event;
    offer("[data-install-prompt]");
  });
  addEventListener("appinstalled", () => (section.hidden = true));
  section.addEventListener("click", async (event) => {
    if (!event.target.closest("[data-install-accept]") || !prompt) return;
    await prompt.prompt();
    section.hidden = true;
  });
}
