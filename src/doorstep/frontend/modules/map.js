import "leaflet/dist/leaflet.css";

import L from "leaflet";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Upper ends of at most five classes holding about equally many places each; equal values are never split. */
export function classEnds(values, classes = 5) {
  const sorted = [...values].sort((a, b) => a - b);
  const ends = [];
  for (let i = 1; i <= classes; i += 1) {
    const end = sorted[Math.ceil((i * sorted.length) / classes) - 1];
    if (end !== undefined && end !== ends[ends.length - 1]) ends.push(end);
  }
  return ends;
}

/** Class 1 (lightest) to 5 (darkest); with fewer classes the tints spread over the whole range. */
export function tintOf(value, ends) {
  const place = ends.findIndex((end) => value <= end);
  if (ends.length === 1) return 3;
  return 1 + Math.round((place * 4) / (ends.length - 1));
}

function known(feature) {
  return typeof feature.properties.value === "number";
}

function styleOf(feature, ends, overStreets) {
  const fillOpacity = overStreets ? 0.65 : 1; // opaque, the colours are those of the legend
  const outline = { color: token("--line-strong"), weight: 1, opacity: 1, fillOpacity };
  if (!known(feature)) return { ...outline, fillColor: token("--tint-none"), dashArray: "4 3" };
  return { ...outline, fillColor: token(`--tint-${tintOf(feature.properties.value, ends)}`) };
}

function item(className, text, count) {
  const li = document.createElement("li");
  const swatch = document.createElement("span");
  swatch.className = `swatch ${className}`;
  const number = document.createElement("span");
  number.className = "count";
  number.textContent = count;
  li.append(swatch, text, number);
  return li;
}

/** Says for each tint which values it means and over how many places. */
function writeLegend(list, features, ends, texts) {
  const values = features.filter(known).map((feature) => feature.properties.value);
  list.replaceChildren();
  ends.forEach((end, index) => {
    const within = values.filter((value) => value <= end && (index === 0 || value > ends[index - 1]));
    const least = Math.min(...within);
    const range = least === end ? `${end}` : `${least}–${end}`;
    list.append(item(`swatch-${tintOf(end, ends)}`, range, texts.over.replace("{n}", within.length)));
  });
  const unknown = features.length - values.length;
  if (unknown) list.append(item("swatch-none", texts.none, texts.over.replace("{n}", unknown)));
}

export function addGround(map, key) {
  if (!key) return;
  for (const layer of ["vec", "cva"]) {
    L.tileLayer(
      `https://t{s}.tianditu.gov.cn/${layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=${layer}` +
        `&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=${key}`,
      { subdomains: "01234567", maxZoom: 18 },
    ).addTo(map);
  }
}

const isPoint = (feature) => feature.geometry.type === "Point";

/** Things at points, coloured by kind: `mark` (1 to 6) is the colour, `value_text` its word, `strong` draws it larger with a dark rim. */
function addPoints(map, points) {
  map.createPane("points").style.zIndex = 450; // above the areas, whichever of them is pointed at
  const renderer = L.svg({ pane: "points", padding: 0.5 });
  L.geoJSON({ type: "FeatureCollection", features: points }, {
    pointToLayer: ({ properties: { mark, strong } }, position) =>
      L.circleMarker(position, {
        renderer,
        pane: "points",
        radius: strong ? 7 : 4,
        color: token(strong ? "--text" : "--ground"),
        weight: strong ? 2 : 1,
        fillColor: token(`--series-${mark}`),
        fillOpacity: 1,
      }),
    onEachFeature: ({ properties }, marker) => {
      marker.bindTooltip(nameOf(properties), { direction: "top" });
      if (properties.href) marker.on("click", () => window.location.assign(properties.href));
    },
  }).addTo(map);
}

/** Says for each colour of points which kind it means and how many there are. */
function writePointLegend(list, points, texts) {
  const kinds = new Map();
  for (const { properties: { mark, value_text: words } } of points) {
    kinds.set(mark, { words, count: (kinds.get(mark)?.count ?? 0) + 1 });
  }
  list.replaceChildren(
    ...[...kinds].sort().map(([mark, { words, count }]) => item(`swatch-mark-${mark}`, words, texts.over.replace("{n}", count))),
  );
}

/** Outlines drawn by hand, as lines over the places; `line` is their word in the legend. */
function addLines(map, lines) {
  L.geoJSON({ type: "FeatureCollection", features: lines }, {
    style: { color: token("--link"), weight: 3, fillOpacity: 0.12 },
    onEachFeature: ({ properties }, shape) => shape.bindTooltip(nameOf(properties), { sticky: true }),
  }).addTo(map);
}

function nameOf({ name, value_text: text }) {
  const label = document.createElement("span");
  label.textContent = text ? `${name} ${text}` : name;
  return label;
}

/** Rings' outer bounds of each place's largest part: far islands stay on the map, but do not shrink the rest. */
export function boundsOfMainParts(features) {
  const bounds = L.latLngBounds([]);
  for (const { geometry } of features) {
    const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    const boxes = parts.map((part) => L.latLngBounds(part[0].map(([longitude, latitude]) => [latitude, longitude])));
    const area = (box) => (box.getNorth() - box.getSouth()) * (box.getEast() - box.getWest());
    bounds.extend(boxes.reduce((largest, box) => (area(box) > area(largest) ? box : largest)));
  }
  return bounds;
}

async function draw(element) {
  element.dataset.drawn = "yes";
  const { source, tianditu, legend, textNone, textOver, textFailed } = element.dataset;
  let collection;
  try {
    const answer = await fetch(source, { headers: { Accept: "application/geo+json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    collection = await answer.json();
  } catch {
    element.textContent = textFailed;
    element.classList.add("empty-state");
    return;
  }
  const drawn = collection.features.filter((feature) => feature.geometry);
  const points = drawn.filter(isPoint);
  const lines = drawn.filter((feature) => feature.properties.line);
  const features = drawn.filter((feature) => !isPoint(feature) && !feature.properties.line);
  const ends = classEnds(features.filter(known).map((feature) => feature.properties.value));
  const map = L.map(element, {
    attributionControl: false,
    zoomControl: false,
    zoomSnap: 0.25,
    scrollWheelZoom: false,
    keyboard: false,
    zoomAnimation: false,
    fadeAnimation: false,
  });
  L.control.zoom({ zoomInTitle: element.dataset.textCloser, zoomOutTitle: element.dataset.textFarther }).addTo(map);
  addGround(map, tianditu);
  const layer = L.geoJSON({ type: "FeatureCollection", features }, {
    style: (feature) => styleOf(feature, ends, Boolean(tianditu)),
    onEachFeature: (feature, shape) => {
      shape.bindTooltip(nameOf(feature.properties), { sticky: true });
      shape.on("mouseover", () => shape.setStyle({ weight: 3, color: token("--text") }).bringToFront());
      shape.on("mouseout", () => layer.resetStyle(shape));
      if (feature.properties.href) shape.on("click", () => window.location.assign(feature.properties.href));
    },
  }).addTo(map);
  if (features.length) map.fitBounds(boundsOfMainParts(features), { padding: [12, 12] });
  else if (points.length) map.fitBounds(points.map(({ geometry: { coordinates: [x, y] } }) => [y, x]), { padding: [24, 24] });
  else map.setView([38.915, 121.645], 12);
  if (lines.length) addLines(map, lines);
  if (points.length) addPoints(map, points);
  noteIllustrative(element, features);
  const list = document.getElementById(legend);
  if (list && points.length) writePointLegend(list, points, { over: textOver });
  else if (list) writeLegend(list, features, ends, { none: textNone, over: textOver });
  if (list && lines.length) list.append(item("swatch-line", lines[0].properties.line, textOver.replace("{n}", lines.length)));
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(element);
}

/** Says beside the map, where there is a note for it, that outlines on it are no legal boundaries. */
export function noteIllustrative(element, features) {
  const note = element.parentElement.querySelector(".map-note");
  if (note) note.hidden = !features.some((feature) => feature.properties.illustrative);
}

export function drawIn(root) {
  for (const element of root.querySelectorAll("[data-map]:not([data-drawn])")) draw(element);
}
