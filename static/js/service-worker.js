// The service worker. The server puts SETTINGS before this text: release, shell, later, offline, pages, icon, badge.
// It keeps the shell (style, scripts, icons, specialties, and pages that name nobody), nothing else.

const CACHE = `shell-${SETTINGS.release}`;
const PATIENCE = 4000;
const SOON = 1000;
// Where the icon of the home screen leads, and the list of what waits here.
const STARTS = ["/", "/requests"];
const HOUR = 3600e3;
const KEPT = 2;

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell());
});

async function keepShell() {
  const pages = SETTINGS.pages.map(([, page]) => page);
  const addresses = [...new Set([...SETTINGS.shell, ...pages, SETTINGS.offline])];
  const answers = await Promise.all(addresses.map((url) => fetch(url, { cache: "reload" })));
  if (answers.some((answer) => !answer.ok || isOfAnother(answer))) throw new Error("The shell is not to be had whole.");
  const cache = await caches.open(CACHE);
  await Promise.all(answers.map((answer, at) => cache.put(addresses[at], answer)));
}

// While a release goes out, a process of another one may answer; it says that its file is not to be kept under this address.
const isOfAnother = ({ url, headers }) => new URL(url).pathname.startsWith("/static/") && headers.get("Cache-Control") === "no-cache";

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOldShells());
});

// A page that is open goes on with the files of its own release, and fetches some of them later: the last few stay.
async function dropOldShells() {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const others = (await caches.keys()).filter((name) => name !== CACHE);
  await Promise.all(others.slice(0, open.length ? -KEPT : undefined).map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(navigate(request, url));
  else if (url.pathname.startsWith("/static/")) event.respondWith(staticFile(request, url));
  else if (SETTINGS.shell.includes(url.pathname + url.search)) event.respondWith(shellFile(request));
});

// Pages come from the network; without it, the kept page of that address, or the one that says so. A line that answers
// nothing counts as none where the kept page can be used, and at a start.
async function navigate(request, url) {
  const answer = fetch(request);
  answer.catch(() => {}); // one that comes too late is nobody's
  const place = SETTINGS.pages.find(([pattern]) => new RegExp(pattern).test(url.pathname));
  const kept = place && (await caches.match(place[1], { cacheName: CACHE }));
  try {
    if (kept && (await opensHere(place, url))) return await Promise.race([answer, silence()]);
    return await (STARTS.includes(url.pathname) ? Promise.race([answer, silenceAtStart()]) : answer);
  } catch {
    return kept || (await caches.match(SETTINGS.offline, { cacheName: CACHE })) || Response.error();
  }
}

const silence = () => new Promise((_, reject) => setTimeout(() => reject(new Error("silence")), PATIENCE));

// When the offline page was last touched: whoever asks again from there waits as long as the browser does.
let asked = 0;

// A start on a device that has something to offer without network: its code, or requests begun here.
async function silenceAtStart() {
  const begun = Date.now();
  const ending = await silence().catch((error) => error);
  const patient = asked > begun - SOON;
  if (patient || !((await hasAll([["keys", "code"]])) || (await hasAll([["drafts"]])))) return new Promise(() => {});
  throw ending;
}

// A device with a code, that keeps what the address names where the place says in which table.
function opensHere([pattern, , table], url) {
  const record = table && new RegExp(pattern).exec(url.pathname)[1];
  return hasAll([["keys", "code"], ...(table ? [[table, record]] : [])]);
}

// Whether each table holds that id, or anything where none is given. Looks without making the database: its version and
// tables are the pages' business.
function hasAll(wanted) {
  const looked = new Promise((resolve) => {
    const request = indexedDB.open("dermavis");
    const tell = (found) => {
      request.result?.close();
      resolve(found);
    };
    request.onupgradeneeded = () => request.transaction.abort();
    request.onerror = () => resolve(false);
    request.onsuccess = () => {
      if (!wanted.every(([table]) => request.result.objectStoreNames.contains(table))) return tell(false);
      const asking = request.result.transaction(wanted.map(([table]) => table));
      const counts = wanted.map(([table, id]) => asking.objectStore(table).count(id));
      asking.oncomplete = () => tell(counts.every(({ result }) => result > 0));
      asking.onabort = () => tell(false);
    };
  });
  // A database that is silent, or refused, holds nothing up.
  return Promise.race([looked.catch(() => false), new Promise((go) => setTimeout(() => go(false), 500))]);
}

async function shellFile(request) {
  return (await caches.match(request, { cacheName: CACHE })) || fetch(request);
}

// A page has all its files from one release: its own, kept here or fetched. Only where there is neither, today's form.
async function staticFile(request, url) {
  const kept = await caches.match(request.url, { ignoreVary: true });
  if (kept) return kept;
  const path = url.pathname.split("/").slice(3).join("/");
  const today = `/static/${SETTINGS.release}/${path}`;
  try {
    const answer = await fetch(request);
    if (answer.ok && url.pathname === today && SETTINGS.later.some((beginning) => today.startsWith(beginning))) keepLater(request.url, answer.clone());
    return answer;
  } catch (error) {
    const instead = await caches.match(today, { cacheName: CACHE });
    if (instead) return instead;
    throw error;
  }
}

// No room for it: fetched again next time.
const keepLater = (address, answer) => caches.open(CACHE).then((cache) => cache.put(address, answer)).catch(() => {});

self.addEventListener("message", (event) => {
  const { type } = event.data ?? {};
  if (type === "skip-waiting") self.skipWaiting();
  if (type === "wait") asked = Date.now();
  if (type === "hold-key") held = { ...event.data.opened, at: Date.now() };
  if (type === "give-key") event.ports[0].postMessage(stillHeld());
  if (type === "drop-key") held = null;
});

// A key that a page has opened without network, for the next page: in this memory alone, which ends within a minute of rest.
let held = null;

function stillHeld() {
  if (!held || Date.now() - held.at > HOUR) held = null;
  return held && { key: held.key, person: held.person };
}

// Requests wait for the network. Only a page holds the key that opens them: one that is open sends them; else a word.
self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(wakeOutbox());
});

async function wakeOutbox() {
  const windows = await self.clients.matchAll({ type: "window" });
  for (const window of windows) window.postMessage({ type: "outbox" });
  if (windows.length || Notification.permission !== "granted") return;
  // Whose it is has signed out, or somebody else has signed in: they are told nothing of it.
  if (!(await hasAll([["keys", "code"]]))) return;
  await self.registration.showNotification("Une demande attend de partir", {
    body: "Le réseau est revenu\u00a0: touchez pour l’envoyer.",
    tag: "outbox",
    icon: SETTINGS.icon,
    badge: SETTINGS.badge,
    lang: "fr",
    data: { url: "/requests" },
  });
}

self.addEventListener("push", (event) => {
  let message = {};
  try {
    message = event.data?.json() ?? {};
  } catch {
    // A push that cannot be read still has to be shown: browsers withdraw the right otherwise.
  }
  // As much as the page's bell tells; a mere sign where the message does not say how much.
  const unread = Number.isInteger(message.unread) ? [message.unread] : [];
  event.waitUntil(self.navigator.setAppBadge?.(...unread).catch(() => {}));
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
