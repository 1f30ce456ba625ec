// Putting DermAvis on the home screen: Android asks by itself when we let it, an iPhone needs to be told how.

import { isApplePhoneOrTablet } from "./apple.js";

const LATER = "install-later";
const DAYS = 14;

const section = document.querySelector("[data-install]");
const installed = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
let prompt = null;

function wasPutOff() {
  return Date.now() - Number(localStorage.getItem(LATER) ?? 0) < DAYS * 24 * 3600e3;
}

function offer(selector) {
  section.hidden = false;
  section.querySelector(selector).hidden = false;
}

if (section && !installed && !wasPutOff()) {
  if (isApplePhoneOrTablet()) offer("[data-install-ios]");
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    prompt = event;
    offer("[data-install-prompt]");
  });
  addEventListener("appinstalled", () => (section.hidden = true));
  section.addEventListener("click", async (event) => {
    if (event.target.closest("[data-install-later]")) {
      localStorage.setItem(LATER, String(Date.now()));
      section.hidden = true;
    }
    if (event.target.closest("[data-install-accept]") && prompt) {
      await prompt.prompt();
      section.hidden = true;
    }
  });
}
