// The service worker. The server puts SETTINGS before this text: release, shell, offline, pages, icon, badge.
// It keeps the shell (style, scripts, icons, the offline page) and pages that hold no health data, nothing else.

const CACHE = `shell-${SETTINGS.release}`;
const PAGES = "pages-without-health-data";

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell());
});

async function keepShell() {
  const cache = await caches.open(CACHE);
  await cache.addAll([...SETTINGS.shell, SETTINGS.offline].map((url) => new Request(url, { cache: "reload" })));
}

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOldShells());
});

async function dropOldShells() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE && name !== PAGES).map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(navigate(request, url));
  else if (url.pathname.startsWith("/static/")) event.respondWith(staticFile(request, url));
});

// Pages come from the network alone; without it, the kept page of that address, or the one that says so.
async function navigate(request, url) {
  try {
    return await fetch(request);
  } catch {
    const page = SETTINGS.pages.find(([pattern]) => new RegExp(pattern).test(url.pathname));
    const kept = page && (await caches.match(page[1], { cacheName: PAGES }));
    return kept || (await caches.match(SETTINGS.offline, { cacheName: CACHE })) || Response.error();
  }
}

// A page of another release asks for the same file under another prefix: today's form of it answers.
async function staticFile(request, url) {
  const path = url.pathname.split("/").slice(3).join("/");
  const kept = await caches.match(`/static/${SETTINGS.release}/${path}`, { cacheName: CACHE });
  return kept || fetch(request);
}

self.addEventListener("message", (event) => {
  const { type } = event.data ?? {};
  if (type === "skip-waiting") self.skipWaiting();
  if (type === "keep-pages") event.waitUntil(keepPages());
  if (type === "forget-pages") event.waitUntil(caches.delete(PAGES));
});

async function keepPages() {
  const cache = await caches.open(PAGES);
  for (const [, page] of SETTINGS.pages) {
    try {
      const answer = await fetch(page, { credentials: "same-origin", redirect: "error" });
      if (answer.ok && answer.headers.get("X-Offline-Page") === "1") await cache.put(page, answer);
    } catch {
      // No network, or signed out: what was kept stays.
    }
  }
}

self.addEventListener("push", (event) => {
  let message = {};
  try {
    message = event.data?.json() ?? {};
  } catch {
    // A push that cannot be read still has to be shown: browsers withdraw the right otherwise.
  }
  event.waitUntil(
    self.registration.showNotification(message.title || "DermAvis", {
      body: message.body || "Du nouveau dans vos demandes.",
      tag: message.tag || undefined,
      renotify: Boolean(message.tag),
      icon: SETTINGS.icon,
      badge: SETTINGS.badge,
      lang: "fr",
      data: { url: inside(message.url) },
    }),
  );
});

// Only addresses of our own: a path, whatever the message says.
function inside(address) {
  try {
    const url = new URL(address || "/", self.location.origin);
    return url.origin === self.location.origin ? url.pathname + url.search + url.hash : "/";
  } catch {
    return "/";
  }
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url ?? "/"));
});

// A window that stands on the case comes forward. Another one is told, and decides: it may hold a text not yet sent.
async function open(path) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((client) => new URL(client.url).pathname === new URL(path, self.location.origin).pathname);
  const chosen = there ?? windows.find((client) => client.focused) ?? windows[0];
  if (!chosen) return self.clients.openWindow(path);
  const shown = await chosen.focus().catch(() => chosen);
  return shown.postMessage({ type: "open", url: path });
}

self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(subscribeAgain(event));
});

async function subscribeAgain(event) {
  const options = event.oldSubscription?.options;
  const subscription = event.newSubscription ?? (options && (await self.registration.pushManager.subscribe(options)));
  if (!subscription) return;
  await fetch("/notifications/subscriptions", {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ ...subscription.toJSON(), replaces: event.oldSubscription?.endpoint ?? null }),
  });
}
