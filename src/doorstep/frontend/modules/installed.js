/** The service worker of the phone's pages: a page to write on without a network. Everything works without it too. */
if ("serviceWorker" in navigator && window.isSecureContext) {
  window.addEventListener("load", () => {
    const address = `/sw.js?language=${document.documentElement.lang}`;
    navigator.serviceWorker.register(address, { scope: "/", updateViaCache: "none" }).catch(() => {});
  });
}
