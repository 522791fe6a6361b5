/**
 * Buildings taken up and let go, by mouse, pen and finger.
 *
 * A mouse takes a building up at once. A finger holds still for a moment first: one that moves sooner scrolls the page, as
 * anywhere else on it, so nothing is moved by accident. Two fingers are the map's. Without moving, a building is chosen.
 */
import L from "leaflet";

const TAP = 6; // pixels a hand may tremble
const FINGERTIP = 22; // pixels around a finger: 44 across
const AROUND = 4; // pixels around a mouse's point
const HOLD = 300; // ms a finger rests on a building to take it up

export const isFingers = () => window.matchMedia("(pointer: coarse)").matches;

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** picture: the map with its buildings; ready(): whether one may be taken up; the rest is told what happens. */
export class Dragging {
  constructor(picture, { ready, chosen, over, dropped, lifted }) {
    Object.assign(this, { picture, ready, chosen, over, dropped, lifted });
    this.held = null;
    const { element } = picture;
    element.addEventListener("pointerdown", (event) => this.down(event), true);
    window.addEventListener("pointermove", (event) => this.move(event));
    window.addEventListener("pointerup", (event) => this.letGo(event, true));
    window.addEventListener("pointercancel", (event) => this.letGo(event, false));
    // what is taken up goes with the finger: the page stays where it is
    element.addEventListener("touchmove", (event) => this.held?.up && event.cancelable && event.preventDefault(), { passive: false });
    element.addEventListener("contextmenu", (event) => this.held && event.preventDefault());
  }

  at(event) {
    return this.picture.map.mouseEventToContainerPoint(event);
  }

  down(event) {
    if (this.held) this.end(false); // a second finger
    if (!event.isPrimary || event.button > 0 || !this.ready() || event.target.closest(".leaflet-control")) return;
    const touch = event.pointerType === "touch";
    const from = this.at(event);
    const one = this.picture.under(from, touch ? FINGERTIP : AROUND, touch);
    if (!one) return;
    this.held = { one, from, pointer: event.pointerId, up: !touch, ghost: null, fits: null, moved: false };
    if (touch) this.held.timer = setTimeout(() => this.lift(), HOLD);
    else this.picture.map.dragging.disable();
  }

  /** A finger has rested long enough. */
  lift() {
    this.held.up = true;
    this.picture.map.dragging.disable();
    this.show(this.held.from);
    this.lifted(this.held.one);
  }

  move(event) {
    const { held } = this;
    if (!held || event.pointerId !== held.pointer) return;
    const now = this.at(event);
    if (!held.moved && now.distanceTo(held.from) < TAP) return;
    if (!held.up) {
      this.end(false); // it scrolls
      return;
    }
    held.moved = true;
    this.show(now);
    held.fits = this.picture.gridAt(now, held.one);
    held.ghost.setStyle({ fillColor: this.picture.colours.get(held.fits) ?? token("--tint-none") });
    this.over(held.one, held.fits);
  }

  show(point) {
    const { held, picture } = this;
    held.ghost ??= L.circleMarker(held.one.at, {
      radius: picture.radius(held.one) + 4, color: token("--accent"), weight: 3, fillOpacity: 0.9, interactive: false,
      fillColor: picture.colours.get(held.one.number) ?? token("--tint-none"),
    }).addTo(picture.map);
    picture.element.classList.add("dragging");
    held.ghost.setLatLng(picture.map.containerPointToLatLng(point));
  }

  letGo(event, taken) {
    if (!this.held || event.pointerId !== this.held.pointer) return;
    if (taken) this.move(event); // moves on the way may have been left out
    if (this.held) this.end(taken);
  }

  end(taken) {
    const { one, ghost, fits, moved, up, timer } = this.held;
    this.held = null;
    clearTimeout(timer);
    ghost?.remove();
    this.picture.element.classList.remove("dragging");
    if (up && !isFingers()) setTimeout(() => this.picture.map.dragging.enable());
    if (!taken) this.dropped(one, null);
    else if (!moved) this.chosen(one);
    else this.dropped(one, fits);
  }
}
