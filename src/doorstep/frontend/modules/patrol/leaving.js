/** Signing out of a phone: what has not been sent is warned of; then the queue and the kept pages are cleared. */
import { forgetPages, stopKeeping } from "./pages.js";
import * as store from "./store.js";

export const MARK = "doorstep-patrol"; // as in signing_out.js: says, without opening anything, that this browser keeps something

export async function waitingCount() {
  try {
    return (await store.actions()).length;
  } catch {
    return 0;
  }
}

export async function clearPhone() {
  stopKeeping();
  await store.forgetEverything().catch(() => {});
  if ("caches" in window) await forgetPages().catch(() => {});
  navigator.serviceWorker?.controller?.postMessage({ patrol: "forget" });
  sessionStorage.clear();
  localStorage.removeItem(MARK);
}
