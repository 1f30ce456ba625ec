// <dialog> opened and closed by buttons: data-opens="id", data-closes. The browser gives the focus back.

import { isTouched } from "./unsent.js";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  const dialog = event.target.closest("dialog");
  if (!dialog) return;
  if (event.target.closest("[data-closes]")) dialog.close();
  // A press beside the sheet closes it, unless something was typed in it.
  if (event.target === dialog && dialog.matches(".sheet") && outside(dialog, event) && !typedIn(dialog)) dialog.close();
});

function outside(dialog, { clientX, clientY }) {
  const box = dialog.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

function typedIn(dialog) {
  return [...dialog.querySelectorAll("form")].some(isTouched);
}
