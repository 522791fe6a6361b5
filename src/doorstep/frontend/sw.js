/**
 * Keeps the phone's styles, scripts and the pages to write on (nobody's: fetched without cookies), and answers with
 * one of those pages where a page cannot be fetched. Nobody's own page is ever kept. `OFFLINE` stands before this file
 * as it is served: version, files, pages [{page, under: [prefixes], at: [addresses]}].
 */
const { version, files, pages } = self.OFFLINE;
const CACHE = `doorstep-${version}`;
const PATIENCE = 10_000;
const DAY = 24 * 3600 * 1000;

async function fetchInto(cache, address) {
  const answer = await fetch(new Request(address, { credentials: "omit", cache: "reload" }));
  if (!answer.ok || answer.redirected) throw new Error(address);
  await cache.put(address, answer);
}

async function fill() {
  const cache = await caches.open(CACHE);
  await Promise.all([...files, ...pages.map(({ page }) => page)].map((address) => fetchInto(cache, address)));
  await self.skipWaiting();
}

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("doorstep-") && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

function pageFor(path) {
  return pages.find(({ under, at }) => at.includes(path) || under.some((prefix) => path.startsWith(prefix)))?.page;
}

/** Words on the pages change without their files changing: once a day they are fetched anew. */
async function refresh(page) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(page);
  const age = Date.now() - Date.parse(kept?.headers.get("Date") ?? "");
  if (!(age < DAY)) await fetchInto(cache, page).catch(() => {});
}

async function pageOrKept(event, page) {
  const kept = () => caches.match(page).then((answer) => answer ?? Response.error());
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(() => resolve(kept()), PATIENCE)));
  const fresh = fetch(event.request).then((answer) => {
    event.waitUntil(refresh(page));
    return answer;
  });
  const answer = await Promise.race([fresh.catch(kept), late]);
  clearTimeout(timer);
  const away = answer.status >= 502 && answer.status <= 504;
  return (away && (await caches.match(page))) || answer;
}

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    const page = pageFor(address.pathname);
    if (page) event.respondWith(pageOrKept(event, page));
  } else if (files.includes(address.pathname)) {
    event.respondWith(caches.match(address.pathname).then((kept) => kept ?? fetch(request)));
  }
});
