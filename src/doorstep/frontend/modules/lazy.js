/** Loads the code of maps, charts and scanning only on pages that have one, also when a part of a page arrives later. */
export function loadWhenPresent() {
  const look = (root) => {
    if (root.querySelector("[data-map]")) import("./map.js").then((map) => map.drawIn(root));
    if (root.querySelector("[data-spot]")) import("./pin.js").then((pin) => pin.spotsIn(root));
    if (root.querySelector("[data-studio], [data-studio-small]")) import("./studio.js").then((studio) => studio.openIn(root));
    if (root.querySelector("[data-outline]")) import("./outline.js").then((outline) => outline.outlinesIn(root));
    if (root.querySelector("[data-chart]")) import("./chart.js").then((chart) => chart.drawIn(root));
    if (root.querySelector("[data-scan]")) import("./scan.js").then((scan) => scan.scanIn(root));
  };
  look(document);
  document.addEventListener("htmx:load", (event) => look(event.target.parentElement ?? document));
}
