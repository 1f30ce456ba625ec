// "Copier": data-copy="#id" takes the text of an element, data-copy-url an address that answers plain text.

import { announce, toast } from "./announce.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-url]");
  if (!button) return;
  try {
    await copy(button);
    confirmed(button);
  } catch {
    toast("La copie n’a pas marché. Sélectionnez le texte et copiez-le à la main.");
  }
});

async function copy({ dataset }) {
  if (!dataset.copyUrl) {
    const source = document.querySelector(dataset.copy);
    return navigator.clipboard.writeText(source.value ?? source.innerText);
  }
  // Safari wants the promise itself within the tap; others take the text.
  const text = fetch(dataset.copyUrl).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)));
  if (!window.ClipboardItem) return navigator.clipboard.writeText(await text);
  const blob = text.then((words) => new Blob([words], { type: "text/plain" }));
  return navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
}

function confirmed(button) {
  const label = button.querySelector("span:last-of-type") ?? button;
  const words = label.dataset.words ?? label.textContent;
  label.dataset.words = words;
  label.textContent = button.dataset.done || "Copié";
  announce(label.textContent);
  setTimeout(() => (label.textContent = words), 4000);
}
