// Web push, asked from a tap. A subscription can hang for ever without a push service: it has its own time-out here.

import { isApplePhoneOrTablet } from "./apple.js";

const SECONDS = 15;
const WORDS = {
  off: "Une notification dit «\u00a0Avis rendu\u00a0» et un numéro, jamais un nom ni une photo.",
  asking: "Inscription en cours…",
  on: "Cet appareil vous préviendra.",
  refused: "Les notifications sont bloquées pour ce site : ouvrez les réglages du navigateur. D’ici là, un e-mail vous prévient.",
  failed: "L’inscription n’a pas abouti. Un e-mail vous préviendra ; réessayez sur un autre réseau.",
  install: "Sur un iPhone ou un iPad, mettez d’abord DermAvis sur l’écran d’accueil, puis ouvrez-le depuis son icône.",
};

const section = document.querySelector("[data-push]");
const supported = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

if (section) start();

async function start() {
  if (!supported) return isApplePhoneOrTablet() ? show("install") : undefined;
  section.addEventListener("click", (event) => {
    if (event.target.closest("[data-push-accept]")) accept();
    if (event.target.closest("[data-push-stop]")) stop();
  });
  if (Notification.permission === "denied") return show("refused");
  const current = await existing();
  if (!current) return show("off");
  show("on");
  return send(current).catch(() => {}); // The server may have forgotten it, or it may have changed by itself.
}

function show(state) {
  section.hidden = false;
  section.dataset.state = state;
  section.querySelector("[data-push-words]").textContent = WORDS[state];
  section.querySelector("[data-push-accept]").hidden = ["on", "refused", "install", "asking"].includes(state);
  section.querySelector("[data-push-stop]").hidden = state !== "on";
}

async function accept() {
  show("asking");
  try {
    if ((await Notification.requestPermission()) !== "granted") return show("refused");
    await send(await inTime(subscribe(section.dataset.key)));
    return show("on");
  } catch {
    return show("failed");
  }
}

async function subscribe(key) {
  const registration = await navigator.serviceWorker.ready;
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
}

async function stop() {
  const current = await existing();
  if (current) {
    await post("DELETE", { endpoint: current.endpoint }).catch(() => {});
    await current.unsubscribe();
  }
  show("off");
}

async function existing() {
  const registration = await navigator.serviceWorker.getRegistration();
  return registration ? inTime(registration.pushManager.getSubscription()).catch(() => null) : null;
}

function send(subscription) {
  return post("POST", { ...subscription.toJSON(), replaces: null });
}

async function post(method, body) {
  const token = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  const answer = await fetch("/notifications/subscriptions", {
    method,
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`subscription: ${answer.status}`);
}

function inTime(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("time-out")), SECONDS * 1000));
  return Promise.race([promise, late]);
}

function bytesOf(base64url) {
  const base64 = base64url.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64.padEnd(Math.ceil(base64.length / 4) * 4, "=")), (sign) => sign.charCodeAt(0));
}
