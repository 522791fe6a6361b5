/** Pages kept for reading without network: for a day, and no longer than the session. Used by pages and service worker. */
export const PAGES = "patrol-pages";
export const KEPT_AT = "x-kept-at";
const DAY = 24 * 60 * 60 * 1000;
const MOST = 60;
let forgotten = false;

export function isKept(response) {
  return Boolean(response) && Date.now() - Number(response.headers.get(KEPT_AT) ?? 0) < DAY;
}

/** Only whole pages of ours: an answer that led elsewhere is the sign-in page. */
export function mayKeep(response) {
  return response.ok && !response.redirected && (response.headers.get("content-type") ?? "").startsWith("text/html");
}

export async function keep(address, response) {
  if (forgotten) return;
  const headers = new Headers(response.headers);
  headers.delete("content-encoding"); // the body is stored plain
  headers.delete("content-length");
  headers.set(KEPT_AT, String(Date.now()));
  const body = await response.blob();
  const cache = await caches.open(PAGES);
  await cache.put(address, new Response(body, { status: 200, headers }));
}

export async function kept(address) {
  const found = await (await caches.open(PAGES)).match(address);
  return isKept(found) ? found : undefined;
}

/** Drop what is older than a day, and the oldest beyond a number. Gives how many are left. */
export async function tidy() {
  const cache = await caches.open(PAGES);
  const found = await Promise.all(
    (await cache.keys()).map(async (request) => {
      const response = await cache.match(request);
      return { request, at: isKept(response) ? Number(response.headers.get(KEPT_AT)) : 0 };
    }),
  );
  found.sort((one, other) => other.at - one.at);
  const stale = found.filter((each, place) => !each.at || place >= MOST);
  await Promise.all(stale.map((each) => cache.delete(each.request)));
  return found.length - stale.length;
}

export async function forgetPages() {
  await caches.delete(PAGES);
}

/** From now on this page keeps nothing more: its reader is leaving. */
export function stopKeeping() {
  forgotten = true;
}
