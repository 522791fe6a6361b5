/**
 * The side panel. An element with hx-target="#panel-body" opens it; after closing, the focus returns to where it was.
 * A table row with data-panel-href behaves like its first link, for pointers; the keyboard has the link itself.
 */
export function openPanels(Offcanvas) {
  const element = document.getElementById("panel");
  if (!element) return;
  let opener = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id === "panel-body") opener = event.detail.elt;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "panel-body") return;
    const heading = element.querySelector("#panel-body h1, #panel-body h2");
    if (heading) {
      heading.id = "panel-title";
      element.setAttribute("aria-labelledby", "panel-title");
    }
    Offcanvas.getOrCreateInstance(element).show();
  });
  element.addEventListener("hidden.bs.offcanvas", () => opener?.focus?.());
  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-panel-row]");
    if (!row || event.target.closest("a, button, input, label, select")) return;
    if (String(window.getSelection())) return;
    row.querySelector("a[hx-get], a[href]")?.click();
  });
}
