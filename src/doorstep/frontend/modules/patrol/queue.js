/** The queue as pages use it: what is on it for whoever is signed in, sending it, and telling the other parts of the page. */
import { drain } from "./send.js";
import * as store from "./store.js";

const bar = document.getElementById("patrol");
export const addresses = { home: bar?.dataset.home, session: bar?.dataset.session, send: bar?.dataset.send };
export const status = { trouble: "", sending: false };
const PAUSES = [5, 15, 30, 60, 120, 300]; // seconds between tries while the page is open
let tries = 0;
let timer = 0;

/** Whose page this is; on pages kept for everybody, whoever was here last. */
export async function sender() {
  return bar?.dataset.sender ?? (await store.fact("sender")) ?? "";
}

export async function own() {
  const mine = await sender();
  return (await store.actions()).filter((action) => action.sender === mine);
}

export async function others() {
  const mine = await sender();
  return (await store.actions()).filter((action) => action.sender !== mine);
}

export function changed() {
  document.dispatchEvent(new Event("patrol:changed"));
}

/** Send what waits. Gives what was sent; why not all of it stands in `status.trouble`. */
export async function flush() {
  clearTimeout(timer);
  status.sending = true;
  changed();
  const sent = [];
  try {
    for (;;) {
      const round = await drain(addresses, changed);
      status.trouble = round.trouble;
      sent.push(...round.sent);
      if (round.trouble || !round.sent.length) break; // else something may have been added meanwhile
    }
  } catch {
    status.trouble = "failed"; // the store itself
  }
  status.sending = false;
  tries = status.trouble === "offline" || status.trouble === "failed" ? tries + 1 : 0;
  if (tries) timer = setTimeout(flush, PAUSES[Math.min(tries, PAUSES.length) - 1] * 1000);
  changed();
  return sent;
}

/** Ask the browser to send when the network is back, even with the page closed; many browsers cannot. */
export async function sendLater() {
  try {
    const registration = await navigator.serviceWorker?.ready;
    await registration?.sync?.register("patrol-send");
  } catch {
    // refused, or not there: the page sends when it is opened
  }
}

export function wordsOf(action) {
  const said = Object.entries(action.fields).filter(([name]) => /(^|-)(note|internal|text)$/.test(name));
  return said.map(([, text]) => text.trim()).filter(Boolean).join("\n");
}
