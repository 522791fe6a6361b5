import "leaflet/dist/leaflet.css";

import L from "leaflet";

import { addGround } from "./map.js";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A map on which one tap marks a place. Positions are WGS-84 degrees. */
export async function pinOn(element, marked) {
  element.hidden = false;
  if (element.dataset.drawn) return;
  element.dataset.drawn = "yes";
  const map = L.map(element, { attributionControl: false, zoomAnimation: false, fadeAnimation: false });
  map.setView([38.915, 121.645], 13);
  addGround(map, element.dataset.tianditu);
  map.on("click", ({ latlng }) => marked(latlng.lng, latlng.lat));
  try {
    const answer = await fetch(element.dataset.source, { headers: { Accept: "application/geo+json" } });
    const shapes = L.geoJSON(await answer.json(), {
      interactive: false,
      style: { color: token("--line-strong"), weight: 1, fillOpacity: element.dataset.tianditu ? 0 : 0.1 },
      onEachFeature: ({ properties }, shape) => shape.bindTooltip(properties.name, { permanent: true, direction: "center" }),
    }).addTo(map);
    if (shapes.getLayers().length) map.fitBounds(shapes.getBounds());
  } catch {
    // without outlines the map still takes a tap
  }
}
