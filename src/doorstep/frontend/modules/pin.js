import "leaflet/dist/leaflet.css";

import L from "leaflet";

import { addGround, boundsOfMainParts, noteIllustrative } from "./map.js";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const MIDDLE = [38.915, 121.645];

/** Numbers, not the words of the page: Leaflet takes an array of words for bounds. */
function positionOf({ dataset: { latitude, longitude } }) {
  return longitude ? [Number(latitude), Number(longitude)] : null;
}

/** A small map of where something is: the position where one was marked, and the grid it lies in. */
async function showSpot(element) {
  element.hidden = false;
  element.dataset.drawn = "yes";
  const map = L.map(element, { attributionControl: false, keyboard: false, scrollWheelZoom: false, zoomAnimation: false, fadeAnimation: false });
  const { place } = element.dataset, at = positionOf(element);
  map.setView(at ?? MIDDLE, 16);
  addGround(map, element.dataset.tianditu);
  try {
    const answer = await fetch(element.dataset.source, { headers: { Accept: "application/geo+json" } });
    const { features } = await answer.json();
    const drawn = features.filter((feature) => feature.geometry);
    const isHere = (feature) => feature.properties.code === place;
    L.geoJSON({ type: "FeatureCollection", features: drawn }, {
      interactive: false,
      style: (feature) => ({
        color: token("--line-strong"),
        fillColor: token("--link"),
        fillOpacity: isHere(feature) ? 0.18 : 0,
        weight: isHere(feature) ? 2 : 1,
      }),
    }).addTo(map);
    noteIllustrative(element, drawn);
    const shown = drawn.some(isHere) ? drawn.filter(isHere) : drawn;
    if (shown.length) map.fitBounds(boundsOfMainParts(shown), { padding: [12, 12] });
    else if (!at) element.hidden = true;
  } catch {
    if (!at) element.hidden = true; // nothing to show
  }
  if (at) {
    L.circleMarker(at, { radius: 8, color: token("--accent"), interactive: false }).addTo(map);
    if (!map.getBounds().contains(at)) map.panTo(at);
  }
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(element);
}

export function spotsIn(root) {
  for (const element of root.querySelectorAll("[data-spot]:not([data-drawn])")) showSpot(element);
}

/** A map on which one tap marks a place. Positions are WGS-84 degrees. */
export async function pinOn(element, marked) {
  element.hidden = false;
  if (element.dataset.drawn) return;
  element.dataset.drawn = "yes";
  const map = L.map(element, { attributionControl: false, zoomAnimation: false, fadeAnimation: false });
  const at = positionOf(element);
  map.setView(at ?? MIDDLE, at ? 15 : 13);
  if (at) L.circleMarker(at, { radius: 8, color: token("--accent"), interactive: false }).addTo(map);
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
    noteIllustrative(element, drawn);
    if (drawn.length && !at) map.fitBounds(boundsOfMainParts(drawn));
  } catch {
    // without outlines the map still takes a tap
  }
}
