/** Keeping pages for reading without network: the service worker is asked for, and pages likely to be opened are fetched. */
import { forgetPages, keep, kept, mayKeep, tidy } from "./pages.js";
import { own } from "./queue.js";
import { say } from "./words.js";

const bar = document.getElementById("patrol");
const MOST_AHEAD = 20;

/** Only with a service worker can kept pages be opened, and only over https (or on this very machine) is there one. */
export async function prepareWorker(isSomebodyElse) {
  if (!("serviceWorker" in navigator) || !("caches" in window)) return;
  if (isSomebodyElse) await forgetPages();
  try {
    await navigator.serviceWorker.register(bar.dataset.worker, { scope: bar.dataset.home });
  } catch {
    // refused by the browser: pages need the network, the queue does not
  }
  await fetchAhead();
}

async function fetchAhead() {
  const isOffline = navigator.onLine === false || document.documentElement.dataset.kept;
  if (!bar.dataset.sender || isOffline || navigator.connection?.saveData) return;
  const wanted = [...document.querySelectorAll("a[data-matter]")].slice(0, MOST_AHEAD);
  const pages = [
    ...wanted.map((row) => [row.href, row.dataset.version]),
    ...[...document.querySelectorAll(".patrol-tabs a, .phone-strip a, a[data-keep]")].map((row) => [row.href, ""]),
  ];
  for (const [address, version] of pages) {
    const have = await kept(address);
    if (have && version && have.headers.get("x-matter-version") === version) continue;
    if (have && !version && address !== location.href) continue;
    const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
    if (!answer) return;
    if (mayKeep(answer)) await keep(address, answer).catch(() => {});
  }
}

/** The page on which the worker was registered has not passed through it. */
export async function keepThisPage() {
  if (!("caches" in window)) return;
  const count = await tidy();
  const place = document.querySelector("[data-kept]:not(html)");
  if (place) place.textContent = count || (await own()).length ? say("kept_pages", { n: count }) : place.textContent;
}
