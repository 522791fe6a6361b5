/**
 * The studio of plans: buildings as circles coloured by grid, by building group or by who works the grid, live while a plan is computed,
 * moved by dragging within their part (a community, a branch). What moves together (a building, or all of a grid) shares a handle.
 *
 * Every act is the page's own form, sent here in the background; the page that answers takes the place of what stood there.
 * So whatever the server says, a refusal too, reads as it would without this script.
 */
import "leaflet/dist/leaflet.css";

import L from "leaflet";

import { drawIn as chartsIn } from "./chart.js";
import { addGround } from "./map.js";
import { colourGrids, nearest } from "./studio_colours.js";
import { Dragging, isFingers } from "./studio_dragging.js";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const PARTS = ["studio-lead", "studio-next", "studio-notices", "studio-hint", "studio-figures", "studio-work"];
const OFFERED = 4; // grids a chosen building can go to by a button
const EVERY = 1000;
const MOST_LABELS = 60;
const EDGE = 24; // pixels around the buildings
const MIDDLE = [38.915, 121.645];

const readData = (id) => JSON.parse(document.getElementById(id).textContent);

function parsed(data) {
  const buildings = data.buildings.map(([id, name, longitude, latitude, households, number, today, pinned, community, handle]) => ({
    id, name, at: L.latLng(latitude, longitude), households, number, today, pinned, community, handle: handle ?? id,
  }));
  const grids = new Map(data.grids.map(([number, name]) => [number, name]));
  return { ...data, buildings, grids };
}

const APART = 24; // pixels between neighbours from which circles have their full size

const radiusOf = (households) => 4 + Math.min(12, Math.sqrt(Math.max(0, households)) * 0.8);

/** Buildings of a plan on a map of Leaflet. */
class Picture {
  constructor(element, data, texts = {}) {
    this.element = element;
    this.texts = texts;
    this.showing = "plan";
    this.picked = new Set();
    this.colours = new Map();
    this.map = L.map(element, {
      attributionControl: false, zoomControl: false, zoomSnap: 0.25, scrollWheelZoom: false, keyboard: false,
      zoomAnimation: false, fadeAnimation: false, preferCanvas: data.buildings.length > 1500,
      dragging: !isFingers(), // one finger scrolls the page, two move and zoom the map
    });
    addGround(this.map, element.dataset.tianditu);
    this.circles = new Map();
    this.labels = L.layerGroup().addTo(this.map);
    this.bounds = L.latLngBounds(data.buildings.map((one) => one.at));
    this.fit(); // a view first: circles cannot be styled on a map without one
    this.take(data);
    this.map.on("zoomend", () => {
      this.size = this.scale();
      for (const one of this.data.buildings) this.circles.get(one.id).setRadius(this.radius(one));
      this.paint();
    });
    element.addEventListener("pointerdown", () => (this.touched = true));
    new ResizeObserver(() => {
      this.map.invalidateSize({ animate: false });
      if (!this.touched) this.fit();
    }).observe(element);
  }

  /** All buildings in view; in an element that has no room yet (a slow page opened further down) some view, since from one that
   * is not a number no map comes back. */
  fit() {
    const room = Math.min(this.element.clientWidth, this.element.clientHeight) > 2 * EDGE;
    if (this.bounds.isValid() && room) this.map.fitBounds(this.bounds, { padding: [EDGE, EDGE], animate: false });
    else this.map.setView(this.bounds.isValid() ? this.bounds.getCenter() : MIDDLE, 13, { animate: false });
  }

  /** How much of its size a circle has: less where many stand in little room, so that a whole district is no heap. */
  scale() {
    const room = this.map.latLngToLayerPoint(this.bounds.getSouthEast()).subtract(this.map.latLngToLayerPoint(this.bounds.getNorthWest()));
    const apart = Math.sqrt(Math.abs(room.x * room.y) / this.byId.size);
    return Math.min(1, Math.max(0.25, apart / APART));
  }

  radius(one) {
    return radiusOf(one.households * (this.data.each ?? 1)) * this.size; // each: what one counts against a household
  }

  take(data) {
    this.data = data;
    this.near ??= nearest(data.buildings);
    this.byId = new Map(data.buildings.map((one) => [one.id, one]));
    this.size ??= this.scale();
    for (const one of data.buildings) {
      if (this.circles.has(one.id)) continue;
      const circle = L.circleMarker(one.at, { radius: this.radius(one), weight: 1, fillOpacity: 0.95 }).addTo(this.map);
      if (this.texts.households) circle.bindTooltip(() => this.tell(one.id), { direction: "top" });
      this.circles.set(one.id, circle);
    }
    this.paint();
  }

  tell(id) {
    const one = this.byId.get(id);
    const words = document.createElement("span");
    const grid = this.data.grids.get(this.numberOf(one)) ?? this.texts.none;
    words.textContent = `${one.name} ${one.households} ${this.texts.households} · ${grid}`;
    return words;
  }

  numberOf(one) {
    return this.showing === "today" ? one.today : one.number;
  }

  paint() {
    colourGrids(this.colours, this.data.buildings, this.near, (one) => one.number);
    colourGrids(this.colours, this.data.buildings, this.near, (one) => one.today, true);
    for (const one of this.data.buildings) {
      const number = this.numberOf(one);
      const moves = this.showing === "plan" && one.today !== null && one.today !== one.number;
      const chosen = this.picked.has(one.handle);
      this.circles.get(one.id).setStyle({
        color: token(chosen ? "--accent" : "--text"),
        weight: this.texts.households ? (chosen ? 5 : (moves ? 3 : 1) * this.size) : moves ? 1.5 : 0.5,
        dashArray: one.pinned ? "3 2" : null,
        fillColor: this.colours.get(number) ?? token("--tint-none"),
      });
    }
    for (const dot of document.querySelectorAll("[data-dot]")) dot.style.backgroundColor = this.colours.get(Number(dot.dataset.dot)) ?? "";
    this.write();
  }

  /** Names of grids at the building nearest the middle of each; what the page says in short (`short`) where names are long. */
  write() {
    this.labels.clearLayers();
    if (!this.texts.households) return; // a small picture
    const held = new Map();
    for (const one of this.data.buildings) {
      const number = this.numberOf(one);
      if (number === null) continue;
      if (!held.has(number)) held.set(number, []);
      held.get(number).push(one.at);
    }
    if (held.size > MOST_LABELS && this.map.getZoom() < 15) return;
    for (const [number, places] of held) {
      const middle = L.latLngBounds(places).getCenter();
      const mark = document.createElement("span");
      mark.textContent = this.data.short?.[this.showing]?.[number] ?? this.data.grids.get(number) ?? "";
      L.marker(middle, { icon: L.divIcon({ className: "studio-label", html: mark }), interactive: false, keyboard: false }).addTo(this.labels);
    }
  }

  /** The building under a point of the map's window, null where there is none: within its circle and `reach` pixels around it,
   * or, for a fingertip, within `reach` of the point. */
  under(point, reach, fingertip = false) {
    let best = null, least = Infinity;
    for (const one of this.data.buildings) {
      const away = this.map.latLngToContainerPoint(one.at).distanceTo(point);
      const within = fingertip ? Math.max(this.radius(one), reach) : this.radius(one) + reach;
      if (away <= within && away < least) [best, least] = [one, away];
    }
    return best;
  }

  /** The grids nearest to these buildings in their community, other than the one they are all in; the nearest first. */
  gridsNear(chosen, most) {
    const own = new Set(chosen.map((one) => one.number));
    const away = new Map();
    for (const other of this.data.buildings) {
      if (other.community !== chosen[0].community || other.number === null) continue;
      if (own.size === 1 && own.has(other.number)) continue;
      const here = Math.min(...chosen.map((one) => this.map.distance(one.at, other.at)));
      if (here < (away.get(other.number) ?? Infinity)) away.set(other.number, here);
    }
    return [...away.keys()].sort((a, b) => away.get(a) - away.get(b)).slice(0, most);
  }

  /** The grid at a point: that of the nearest building of the community that is not dragged along. */
  gridAt(point, dragged) {
    let best = null, least = Infinity;
    for (const one of this.data.buildings) {
      if (one.handle === dragged.handle || one.community !== dragged.community) continue;
      const away = this.map.latLngToContainerPoint(one.at).distanceTo(point);
      if (away < least) [best, least] = [one, away];
    }
    return best ? best.number : null;
  }
}

/** The page's own parts, answered by the server, put in the place of those that stand. */
class Studio {
  constructor(element) {
    this.element = element;
    this.texts = element.dataset;
    this.what = element.dataset.what ?? "buildings"; // what is chosen and moved, as the page's form calls it
    this.status = document.querySelector("[data-studio-status]");
    this.picture = new Picture(element, parsed(readData("studio-data")), { households: this.texts.textHouseholds, none: this.texts.textNone });
    L.control.zoom({ zoomInTitle: this.texts.textCloser, zoomOutTitle: this.texts.textFarther }).addTo(this.picture.map);
    this.since = 0;
    this.busy = false;
    this.bindSwitch();
    this.bindPointer();
    this.bindForms();
    this.bindOffer();
    this.followPicked();
    if (this.computing) this.wait();
  }

  get data() {
    return this.picture.data;
  }

  get computing() {
    return ["waiting", "running"].includes(this.data.state);
  }

  say(text) {
    this.status.textContent = text;
  }

  bindSwitch() {
    const bar = document.querySelector("[data-studio-bar]");
    bar.hidden = false;
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("[data-show]");
      if (!button) return;
      for (const one of bar.querySelectorAll("[data-show]")) {
        one.classList.toggle("active", one === button);
        one.setAttribute("aria-pressed", String(one === button));
      }
      this.picture.showing = button.dataset.show;
      this.picture.paint();
    });
  }

  bindPointer() {
    const nameOf = (number) => this.data.grids.get(number) ?? "";
    this.dragging = new Dragging(this.picture, {
      ready: () => this.data.move && !this.busy && this.picture.showing === "plan",
      chosen: (one) => this.pick(one),
      lifted: (one) => this.say(`${one.name} · ${this.texts.textLifted}`),
      over: (one, number) => this.say(`${one.name} · ${this.texts.textTo} ${nameOf(number)}`),
      dropped: (one, number) => {
        if (number !== null && number !== one.number) this.move(one, number);
        else this.showPicked();
      },
    });
  }

  boxOf(handle) {
    return document.querySelector(`[data-hand] input[name="${this.what}"][value="${handle}"]`);
  }

  async pick(one) {
    if (!this.boxOf(one.handle)) await this.fetchPage(`${this.texts.address}?${this.texts.part}=${one.community}`); // another community's list
    const box = this.boxOf(one.handle);
    if (!box) return;
    box.checked = box.type === "radio" || !box.checked;
    this.showPicked();
  }

  followPicked() {
    document.addEventListener("change", (event) => {
      if (event.target.matches(`[data-hand] input[name="${this.what}"]`)) this.showPicked();
    });
  }

  showPicked() {
    const boxes = [...document.querySelectorAll(`[data-hand] input[name="${this.what}"]:checked`)];
    const handles = new Map(this.data.buildings.map((one) => [String(one.handle), one]));
    this.picture.picked = new Set(boxes.map((box) => handles.get(box.value)?.handle));
    const names = boxes.map((box) => box.dataset.name ?? handles.get(box.value)?.name);
    const told = names.slice(0, 6).join("、") + (names.length > 6 ? "…" : "");
    for (const place of [document.querySelector("[data-picked]"), this.status]) if (place) place.textContent = told;
    this.picture.paint();
    this.offer();
  }

  /** Where the chosen buildings can go, as buttons under the map: the way for one thumb. */
  offer() {
    const chosen = this.data.buildings.filter((one) => this.picture.picked.has(one.handle));
    this.choose.hidden = !chosen.length || !this.data.move;
    const list = this.choose.querySelector("[data-choose-grids]");
    list.replaceChildren();
    if (this.choose.hidden) return;
    for (const number of this.picture.gridsNear(chosen, OFFERED)) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn";
      button.dataset.chooseGrid = number;
      const dot = document.createElement("span");
      dot.className = "grid-dot";
      dot.style.backgroundColor = this.picture.colours.get(number) ?? "";
      const name = this.data.grids.get(number) ?? "";
      button.append(dot, name);
      button.setAttribute("aria-label", `${this.texts.textTo} ${name}`);
      list.append(button);
    }
  }

  bindOffer() {
    this.choose = document.querySelector("[data-studio-choose]");
    this.choose.addEventListener("click", (event) => {
      const button = event.target.closest("[data-choose-grid]");
      if (button) this.moveAll([...this.picture.picked], Number(button.dataset.chooseGrid));
      else if (event.target.closest("[data-choose-none]")) {
        for (const box of document.querySelectorAll(`[data-hand] input[name="${this.what}"]:checked`)) box.checked = false;
        this.showPicked();
      }
    });
  }

  bindForms() {
    document.addEventListener("submit", (event) => {
      if (!event.target.matches("form[data-act]")) return;
      event.preventDefault();
      const button = event.submitter;
      const sent = new FormData(event.target);
      if (button?.name) sent.set(button.name, button.value);
      this.send(button?.hasAttribute("formaction") ? button.formAction : event.target.action, sent);
    });
  }

  move(one, number) {
    this.moveAll([one.handle], number);
  }

  moveAll(handles, number) {
    const moved = this.data.buildings.filter((one) => handles.includes(one.handle));
    const before = new Map(moved.map((one) => [one, one.number]));
    for (const one of moved) one.number = number; // as if done; the answer repairs it
    this.picture.paint();
    const form = document.querySelector("[data-hand]");
    const sent = new FormData();
    sent.set("csrfmiddlewaretoken", form.querySelector("[name='csrfmiddlewaretoken']").value);
    sent.set("lock_version", this.data.lock_version);
    for (const handle of handles) sent.append(this.what, handle);
    sent.set("number", number);
    this.send(`${this.texts.move}?${this.texts.part}=${moved[0].community}`, sent, () => {
      for (const [one, was] of before) one.number = was;
      this.picture.paint();
    });
  }

  async send(address, body, restore = () => {}) {
    if (this.busy) return;
    this.busy = true;
    this.element.setAttribute("aria-busy", "true");
    this.say(this.texts.textWorking);
    try {
      await this.fetchPage(address, { method: "POST", body });
    } catch {
      restore();
      this.say(this.texts.textFailed);
    } finally {
      this.busy = false;
      this.element.removeAttribute("aria-busy");
    }
  }

  async fetchPage(address, options = {}) {
    const answer = await fetch(address, { ...options, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const data = page.getElementById("studio-data");
    if (!data) throw new Error(String(answer.status));
    const told = page.querySelector(".notice")?.textContent.trim().replace(/\s+/g, " ") ?? "";
    for (const id of PARTS) {
      const [here, there] = [document.getElementById(id), page.getElementById(id)];
      if (here && there) here.replaceWith(document.adoptNode(there));
    }
    document.getElementById("studio-data").textContent = data.textContent;
    for (const one of document.querySelectorAll("#studio-work [data-hide-with-scripts]")) one.hidden = true;
    this.picture.picked.clear();
    this.picture.take(parsed(JSON.parse(data.textContent)));
    this.offer();
    chartsIn(document.getElementById("studio-figures"));
    if (options.method) this.say(told || this.texts.textDone);
    if (!answer.ok) document.getElementById("studio-notices").focus();
    if (this.computing) this.wait();
  }

  /** Ask every second while the plan is computed; colours follow at once, the page when it is ready. */
  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), EVERY);
  }

  async look() {
    try {
      const answer = await fetch(`${this.texts.progress}?since=${this.since}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      if (told.state !== this.data.state && !["waiting", "running"].includes(told.state)) {
        await this.fetchPage(this.texts.address);
        return;
      }
      this.since = told.at;
      this.data.state = told.state;
      const bar = document.getElementById("studio-share");
      if (bar) bar.value = told.share;
      if (told.labels) {
        told.labels.forEach((number, at) => (this.data.buildings[at].number = number));
        this.picture.paint();
      }
    } catch {
      // away for a moment: ask again
    }
    this.wait();
  }
}

export function openIn(root) {
  for (const element of root.querySelectorAll("[data-studio]:not([data-drawn])")) {
    element.dataset.drawn = "yes";
    new Studio(element);
  }
  for (const element of root.querySelectorAll("[data-studio-small]:not([data-drawn])")) {
    element.dataset.drawn = "yes";
    new Picture(element, parsed(readData(element.dataset.studioSmall)));
  }
}
