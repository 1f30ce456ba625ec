// The picture that is tried at the end of the photo course: taken with the guided camera where there is one, judged on
// this device as any other, and let go of.

import { lookForCamera, hasCamera } from "./wizard/camera-here.js";
import { h, notice, renew, useSprite } from "./wizard/dom.js";
import { copyBytes, makeDiagnostic, PictureTrouble, UNIFORM } from "./wizard/picture.js";

const place = document.getElementById("practice");
const { label, instruction, why, sprite } = place.dataset;
const shown = { id: "close_up", label, short_label: "Photo d’essai", instruction, why, close_up: true };
const told = place.querySelector("[data-told]");
const figure = place.querySelector("figure");
const take = document.getElementById("take");
const input = take.querySelector("input");

useSprite(sprite);
lookForCamera();

input.addEventListener("click", async (event) => {
  if (!hasCamera()) return;
  event.preventDefault();
  const { photographView } = await import("./wizard/camera.js");
  const file = await photographView({ shown });
  if (file) judge(file);
});

input.addEventListener("change", () => {
  const [file] = input.files;
  input.value = "";
  if (file) judge(file);
});

async function judge(file) {
  renew(told, h("p", { class: "soft" }, "La photo est regardée…"));
  try {
    const bytes = await copyBytes(file);
    const made = await makeDiagnostic(bytes, file.type, true);
    if (made.reason === "uniform") throw new PictureTrouble(UNIFORM);
    show(made);
  } catch (error) {
    if (!(error instanceof PictureTrouble)) throw error;
    renew(told, notice("warn", "Photo à reprendre", error.message));
  }
}

function show({ bytes, quality }) {
  URL.revokeObjectURL(figure.querySelector("img")?.src ?? "");
  const source = bytes && URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
  renew(figure, source ? h("img", { src: source, alt: "Votre photo d’essai" }) : null);
  figure.hidden = !source;
  renew(told, verdict(quality));
  take.classList.remove("primary");
  take.querySelector("span").textContent = "Reprendre";
  input.setAttribute("aria-label", "Reprendre, photo d’essai");
  const end = document.getElementById("end");
  end.className = "button primary tall grow";
  end.querySelector("span").textContent = "Terminer";
  take.after(end);
}

function verdict(quality) {
  if (!quality) return notice("info", "Photo prise", "Ce téléphone ne peut pas la juger ici\u00a0: dans une demande, le serveur le fera.");
  if (!quality.findings.length) return notice("ok", "Un expert pourrait y répondre", "Nette, bien éclairée, sans reflet.");
  return notice("warn", quality.state.charAt(0).toUpperCase() + quality.state.slice(1), `${quality.advice.join(". ")}. Reprenez-la, ou terminez\u00a0: la caméra vous le dira aussi dans une demande.`);
}
