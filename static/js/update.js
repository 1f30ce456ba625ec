// The service worker: registered, renewed without disturbing a draft, and listened to when a notification is tapped.

import { toast } from "./announce.js";
import { hasUnsentText } from "./unsent.js";

let asked = false;

if ("serviceWorker" in navigator) {
  addEventListener("load", register);
  navigator.serviceWorker.addEventListener("message", ({ data }) => data?.type === "open" && open(data.url));
  navigator.serviceWorker.addEventListener("controllerchange", () => asked && location.reload());
}

async function register() {
  try {
    const registration = await navigator.serviceWorker.register("/service-worker.js", { scope: "/" });
    if (registration.waiting && navigator.serviceWorker.controller) offer(registration);
    registration.addEventListener("updatefound", () => wait(registration));
  } catch {
    // Private windows and some settings refuse it: the pages work without.
  }
}

function wait(registration) {
  const worker = registration.installing;
  worker?.addEventListener("statechange", () => {
    if (worker.state === "installed" && navigator.serviceWorker.controller) offer(registration);
  });
}

// Not while a draft is open: the next page without one offers it.
function offer(registration) {
  if (hasUnsentText()) return;
  toast("Nouvelle version de DermAvis.", {
    label: "Mettre à jour",
    run() {
      if (hasUnsentText()) return toast("Envoyez ou enregistrez d’abord ce que vous avez écrit.");
      asked = true;
      return registration.waiting?.postMessage({ type: "skip-waiting" });
    },
  });
}

// A notification was tapped while this window was open. A text not yet sent stays; a link leads to the case.
function open(path) {
  const url = new URL(path, location.origin);
  if (url.origin !== location.origin) return;
  if (url.pathname === location.pathname && !hasUnsentText()) location.reload();
  else if (hasUnsentText()) toast("Du nouveau. Votre texte reste ici tant que vous ne partez pas.", { label: "Voir", href: url.href });
  else location.assign(url.href);
}
