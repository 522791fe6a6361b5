/**
 * An outline drawn on a map: a tap adds a corner, a corner can be dragged, buttons take the last one back or all of them. What is
 * drawn stands as lines of "longitude, latitude" in the form's field, and what is written there is drawn. WGS-84 degrees.
 */
import "leaflet/dist/leaflet.css";

import L from "leaflet";

import { addGround, boundsOfMainParts, noteIllustrative } from "./map.js";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const MIDDLE = [38.915, 121.645];
const CORNER = 18; // pixels across
const PATIENCE = 8_000; // milliseconds for what lies there

const written = (corners) => corners.map(({ lng, lat }) => `${lng.toFixed(6)}, ${lat.toFixed(6)}`).join("\n");

function nameOf(name) {
  const label = document.createElement("span");
  label.textContent = name;
  return label;
}

/** The corners of the lines that can be read; the others are the form's to refuse. */
function read(text) {
  const corners = [];
  for (const line of text.split("\n")) {
    const [longitude, latitude, more] = line.trim().split(/[,，\s]+/).map(Number);
    if (Number.isFinite(longitude) && Number.isFinite(latitude) && more === undefined) corners.push(L.latLng(latitude, longitude));
  }
  return corners;
}

class Drawing {
  constructor(element) {
    this.element = element;
    this.field = document.getElementById(element.dataset.field);
    this.frame = element.closest("[data-outline-frame]");
    this.frame.hidden = false;
    this.status = this.frame.querySelector("[data-outline-status]");
    this.corners = read(this.field.value);
    this.map = L.map(element, { attributionControl: false, zoomControl: false, zoomSnap: 0.25, scrollWheelZoom: false, keyboard: false, zoomAnimation: false, fadeAnimation: false });
    const { textCloser, textFarther } = element.dataset;
    L.control.zoom({ zoomInTitle: textCloser, zoomOutTitle: textFarther }).addTo(this.map);
    this.map.setView(this.corners[0] ?? MIDDLE, this.corners.length ? 16 : 13);
    addGround(this.map, element.dataset.tianditu);
    this.shape = L.polygon([], { color: token("--link"), weight: 3, fillOpacity: 0.15, interactive: false }).addTo(this.map);
    this.marks = L.layerGroup().addTo(this.map);
    this.buttons();
    // a tap before the map has moved to its place would be a corner somewhere else
    this.element.setAttribute("aria-busy", "true");
    this.draw();
    this.ground().finally(() => this.taps());
    new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(element);
  }

  taps() {
    this.element.removeAttribute("aria-busy");
    this.map.on("click", ({ latlng }) => this.change([...this.corners, latlng]));
    this.draw();
  }

  buttons() {
    this.frame.querySelector("[data-outline-undo]").addEventListener("click", () => this.change(this.corners.slice(0, -1)));
    this.frame.querySelector("[data-outline-clear]").addEventListener("click", () => this.change([]));
    this.field.addEventListener("input", () => {
      this.corners = read(this.field.value);
      this.draw();
    });
  }

  change(corners) {
    this.corners = corners;
    this.field.value = written(corners);
    this.draw();
  }

  draw() {
    this.shape.setLatLngs(this.corners);
    this.marks.clearLayers();
    this.corners.forEach((at, place) => {
      const icon = L.divIcon({ className: "outline-corner", iconSize: [CORNER, CORNER] });
      const mark = L.marker(at, { icon, draggable: true, keyboard: false, autoPan: true }).addTo(this.marks);
      mark.on("drag", () => this.shape.setLatLngs(this.corners.map((corner, index) => (index === place ? mark.getLatLng() : corner))));
      mark.on("dragend", () => this.change(this.corners.map((corner, index) => (index === place ? mark.getLatLng() : corner))));
    });
    const { textNone, textSome, textComing } = this.element.dataset;
    const none = this.element.hasAttribute("aria-busy") ? textComing : textNone;
    this.status.textContent = this.corners.length ? textSome.replace("{n}", this.corners.length) : none;
  }

  /** What lies there, to draw along. Without it the map still takes corners. */
  async ground() {
    try {
      const answer = await fetch(this.element.dataset.source, { headers: { Accept: "application/geo+json" }, signal: AbortSignal.timeout(PATIENCE) });
      const { features } = await answer.json();
      const drawn = features.filter((feature) => feature.geometry);
      L.geoJSON({ type: "FeatureCollection", features: drawn }, {
        bubblingMouseEvents: true, // a tap on a grid is a corner too
        style: { color: token("--line-strong"), weight: 1, fillOpacity: this.element.dataset.tianditu ? 0 : 0.08 },
        onEachFeature: ({ properties }, shape) => shape.bindTooltip(nameOf(properties.name), { sticky: true }),
      }).addTo(this.map).bringToBack();
      noteIllustrative(this.element, drawn);
      if (drawn.length && !this.corners.length) this.map.fitBounds(boundsOfMainParts(drawn), { padding: [12, 12] });
    } catch {
      // drawn without it
    }
  }
}

export function outlinesIn(root) {
  for (const element of root.querySelectorAll("[data-outline]:not([data-drawn])")) {
    element.dataset.drawn = "yes";
    new Drawing(element);
  }
}
