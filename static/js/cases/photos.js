// The page that adds pictures to a sent request: one card a view; "Terminer" opens when what was taken is verified.

import { announce, toast } from "../announce.js";
import { hasCamera, lookForCamera } from "../wizard/camera-here.js";
import { button, h, icon, renew, useSprite } from "../wizard/dom.js";
import { capital, qualityNotice, triesAfter } from "../wizard/doubt.js";
import { Sending, takeBack } from "./photo-sending.js";

useSprite(document.body.dataset.sprite);
const views = document.getElementById("views");
const finish = document.getElementById("finish");
const done = document.getElementById("done");
const other = document.getElementById("other");
const sent = new Map(); // card → its Sending
const before = document.getElementById("kept"); // what an earlier visit took and did not finish

other.addEventListener("change", showOther);
showOther();

views.addEventListener("change", ({ target }) => {
  if (!target.matches("input[type=file]") || !target.files.length) return;
  const [file] = target.files;
  take(target.closest("[data-view]"), file);
  target.value = "";
});

// The guided camera in the place of the phone's own, with the picture that this one is to repeat faintly over it.
views.addEventListener("click", (event) => {
  const input = event.target.closest("input[capture]");
  if (!input || !hasCamera()) return;
  event.preventDefault();
  photograph(input.closest("[data-view]"));
});

async function photograph(card) {
  const { photographView } = await import("../wizard/camera.js");
  const { view, label, instruction, why, closeUp, lesion, former } = card.dataset;
  const chosen = lesion === "true" ? document.getElementById("lesion")?.value ?? "" : "";
  const guide = JSON.parse(former).filter((one) => one.lesion === chosen).at(-1)?.full ?? "";
  const shown = { id: view, label, short_label: label, instruction, why, close_up: closeUp === "true" };
  const file = await photographView({ shown, guide });
  if (file) take(card, file);
}

// The link of a request for one more picture leads to the camera on that view.
lookForCamera().then(() => {
  const asked = document.querySelectorAll("#views > [data-view]");
  if (location.hash === "#camera" && hasCamera() && asked.length === 1) photograph(asked[0]);
});

function showOther() {
  const card = document.querySelector(`template[data-card="${CSS.escape(other.value)}"]`);
  const place = document.getElementById("other-card");
  if (card && !place.querySelector(`[data-view="${CSS.escape(other.value)}"]`)) {
    // What was already taken of another view stays.
    for (const old of place.children) if (!sent.has(old)) old.remove();
    place.append(card.content.cloneNode(true));
  }
}

function take(card, file) {
  const { view, closeUp, lesion } = card.dataset;
  const chosen = lesion === "true" ? document.getElementById("lesion")?.value ?? "" : "";
  const before = sent.get(card);
  const sending = new Sending(views.dataset.case, {
    view,
    lesion: chosen,
    closeUp: closeUp === "true",
    answers: views.dataset.answers,
    retries: before?.lesion === chosen ? triesAfter(before) : 0,
  });
  before?.withdraw().catch(() => null);
  sent.set(card, sending);
  sending.addEventListener("change", () => draw(card, sending));
  draw(card, sending);
  window.leavingOnPurpose = false;
  sending.start(file).catch(() => sending.tell({ state: "refused", message: "Cette photo n’est pas partie. Reprenez-la." }));
}

const WORDS = {
  preparing: ["hourglass", "", () => "Préparation…"],
  sending: ["lock", "", (one) => `Envoi ${Math.round(one.progress * 100)} %`],
  received: ["lock", "", () => "Reçue, en vérification"],
  verified: ["circle-check", "ok", () => "Reçue, vérifiée"],
  doubtful: ["circle-dashed", "warn", () => "Pas encore envoyée"],
  refused: ["triangle-alert", "late", (one) => one.message || "À reprendre"],
};

function draw(card, sending) {
  if (sent.get(card) !== sending) return;
  const [name, tone, words] = WORDS[sending.state];
  const told = card.querySelector("[data-told]");
  const said = sending.offline ? "Pas de réseau : l’envoi reprendra seul" : words(sending);
  told.className = `tag ${sending.offline ? "warn" : tone}`.trim();
  renew(told, icon(sending.offline ? "wifi-off" : name), h("span", {}, said));
  const taken = card.querySelector(".taken");
  if (sending.shown && !taken.querySelector("img")?.src.endsWith(sending.shown)) {
    renew(taken, h("img", { src: sending.shown, alt: `${card.dataset.label}, votre photo` }));
    taken.hidden = false;
  }
  const take = card.querySelector("[data-words]");
  take.textContent = "Reprendre la photo";
  card.querySelector("input[capture]").setAttribute("aria-label", `Reprendre la photo, ${card.dataset.label}, ${said}`);
  drawDoubt(card, sending);
  if (sending.state === "doubtful") announce(`${card.dataset.label} : ${capital(sending.quality.state)}. ${sending.quality.advice.join(". ")}`);
  if (sending.state === "verified") announce(`${card.dataset.label} : ${said}`);
  look();
}

// What is wanting in it, and while that is asked the way to send it all the same.
function drawDoubt(card, sending) {
  const asked = sending.state === "doubtful";
  const keep = () => {
    card.querySelector("input[capture]").focus();
    sending.keep();
  };
  renew(card.querySelector("[data-doubt]"), sending.state !== "refused" && qualityNotice(sending),
    asked && button("Garder quand même", { class: "tall", "aria-label": `Garder quand même, ${card.dataset.label}`, onclick: keep }));
}

function look() {
  const all = [...sent.values()];
  const ready = all.filter((one) => one.state === "verified");
  const waits = all.some((one) => ["preparing", "doubtful", "sending", "received"].includes(one.state));
  const ids = [...kept(), ...ready.map((one) => one.id)];
  done.disabled = !ids.length || waits;
  finish.querySelectorAll("[name=photo]").forEach((field) => field.remove());
  finish.querySelectorAll("[name^=quality-]").forEach((field) => field.remove());
  for (const id of ids) finish.append(h("input", { type: "hidden", name: "photo", value: id }));
  for (const { id, found } of ready) if (found) finish.append(h("input", { type: "hidden", name: `quality-${id}`, value: found }));
}

function kept() {
  return [...(before?.querySelectorAll("[data-ready]") ?? [])].map((row) => row.dataset.kept);
}

before?.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-withdraw]");
  if (!button) return;
  button.disabled = true;
  try {
    await takeBack(views.dataset.case, button.dataset.withdraw);
  } catch {
    button.disabled = false;
    return toast("Pas de réseau : la photo n’est pas retirée. Réessayez.");
  }
  button.closest("[data-kept]").remove();
  announce("Photo retirée");
  look();
});

look();

// Originals may still be on their way: what is verified is sent at once, and the page stays until they are there too,
// unless the person does not want to wait.
let landing = "";

finish.addEventListener("submit", async (event) => {
  const rest = [...sent.values()].filter((one) => one.following);
  if (!rest.length && !landing) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (landing) return leave();
  done.disabled = true;
  const answer = await fetch(finish.action, { method: "POST", body: new FormData(finish) }).catch(() => null);
  const url = new URL(answer?.url ?? location.href);
  if (!answer?.ok || url.searchParams.get("done") !== "photos") return finish.submit();
  landing = url.href;
  const line = document.getElementById("sending");
  renew(line, h("p", { role: "status" }, icon("lock"), h("span", {}, "Photos transmises. Le plein format finit de partir…")));
  line.hidden = false;
  done.querySelector("span").textContent = "Ne pas attendre";
  done.disabled = false;
  await Promise.allSettled(rest.map((one) => one.whole));
  leave();
}, true);

function leave() {
  window.leavingOnPurpose = true;
  location.assign(landing);
}

addEventListener("beforeunload", (event) => {
  const waits = [...sent.values()].some((one) => !["verified", "refused"].includes(one.state));
  if (waits && !window.leavingOnPurpose) event.preventDefault();
});
