import "leaflet/dist/leaflet.css";

import L from "leaflet";

import { addGround, boundsOfMainParts } from "./map.js";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A map on which one tap marks a place. Positions are WGS-84 degrees. */
export async function pinOn(element, marked) {
  element.hidden = false;
  if (element.dataset.drawn) return;
  element.dataset.drawn = "yes";
  const map = L.map(element, { attributionControl: false, zoomAnimation: false, fadeAnimation: false });
  const { longitude, latitude } = element.dataset;
  map.setView(longitude ? [latitude, longitude] : [38.915, 121.645], longitude ? 15 : 13);
  if (longitude) L.circleMarker([latitude, longitude], { radius: 8, color: token("--accent"), interactive: false }).addTo(map);
  addGround(map, element.dataset.tianditu);
  map.on("click", ({ latlng }) => marked(latlng.lng, latlng.lat));
  try {
    const answer = await fetch(element.dataset.source, { headers: { Accept: "application/geo+json" } });
    const { features } = await answer.json();
    const drawn = features.filter((feature) => feature.geometry);
    L.geoJSON({ type: "FeatureCollection", features: drawn }, {
      interactive: false,
      style: { color: token("--line-strong"), weight: 1, fillOpacity: element.dataset.tianditu ? 0 : 0.1 },
      onEachFeature: ({ properties }, shape) => shape.bindTooltip(properties.name, { permanent: true, direction: "center" }),
    }).addTo(map);
    if (drawn.length && !longitude) map.fitBounds(boundsOfMainParts(drawn));
  } catch {
    // without outlines the map still takes a tap
  }
}
