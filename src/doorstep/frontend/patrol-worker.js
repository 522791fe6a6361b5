/**
 * The service worker of the grid worker's phone. It keeps the last pages and opens them without network; where the browser
 * has Background Sync it sends what waits after the pages are closed. Everything works without it, only not offline.
 *
 * `SHELL` stands before this file as it is served: files (styles and scripts of the pages), session (whose it is).
 */
import { KEPT_AT, forgetPages, keep, kept, mayKeep, tidy } from "./modules/patrol/pages.js";
import { drain } from "./modules/patrol/send.js";

const scope = new URL(self.registration.scope).pathname;
const { files } = self.SHELL;
const CACHE = `patrol-shell-${files.join().replace(/[^0-9a-f]/g, "").slice(-48)}`;
const offline = `${scope}offline/`;
const addresses = { session: self.SHELL.session, send: `${scope}send/` };
const PATIENCE = 8000;
let keeping = Promise.resolve();

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([...files, offline]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith("patrol-shell-") && name !== CACHE))
      .then((outdated) => Promise.all(outdated.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (request.mode === "navigate" && address.pathname.startsWith(scope)) event.respondWith(page(event));
  else if (files.includes(address.pathname)) event.respondWith(file(request));
});

async function file(request) {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}

async function page(event) {
  const address = event.request.url;
  const network = fetch(event.request);
  try {
    const answer = await inTime(network, await kept(address));
    if (mayKeep(answer)) event.waitUntil(keepInTurn(address, answer.clone()));
    if (answer.status < 502 || answer.status > 504) return answer;
    return (await fromPhone(address)) ?? answer;
  } catch {
    network.catch(() => {});
    return (await fromPhone(address)) ?? (await caches.match(offline, { cacheName: CACHE })) ?? Response.error();
  }
}

function keepInTurn(address, answer) {
  keeping = keeping.then(() => keep(address, answer)).then(tidy).catch(() => {});
  return keeping;
}

/** Signing out: nothing that was still being kept comes after. */
self.addEventListener("message", (event) => {
  if (event.data?.patrol === "forget") event.waitUntil(keeping.then(forgetPages));
});

/** A slow network is waited for only where nothing is kept. */
function inTime(network, hasKept) {
  if (!hasKept) return network;
  return Promise.race([
    network,
    new Promise((_resolve, refuse) => setTimeout(() => refuse(new Error("slow")), PATIENCE)),
  ]);
}

/** The kept page, which says so: its scripts tell the reader of when it is. */
async function fromPhone(address) {
  const found = await kept(address);
  if (!found) return undefined;
  const text = (await found.text()).replace("<html ", `<html data-kept="${found.headers.get(KEPT_AT)}" `);
  return new Response(text, { status: 200, headers: found.headers });
}

self.addEventListener("sync", (event) => {
  if (event.tag === "patrol-send") event.waitUntil(sendWhatWaits());
});

async function sendWhatWaits() {
  const { sent, trouble } = await drain(addresses);
  for (const client of await self.clients.matchAll()) client.postMessage({ patrol: "tried", sent: sent.length });
  if (trouble === "offline" || trouble === "failed") throw new Error(trouble); // the browser tries again
}
