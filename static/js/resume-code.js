// After an idle hour: on a device with a code, the six digits in the place of the password.

import { codeHere } from "./wizard/code.js";
import { askCode } from "./wizard/code-sheet.js";
import { tryToOpen } from "./wizard/session.js";

const button = document.querySelector("[data-resume-code]");

codeHere().then((here) => {
  button.hidden = !here;
});
button.addEventListener("click", async () => {
  const opened = await askCode({ title: "Toujours là\u00a0?", act: ({ proof }) => tryToOpen({ proof }), otherwise: { words: "Donner le mot de passe", act: () => {} } });
  if (opened) location.assign("/sign-in/resume"); // which leads on to where the person was
});
