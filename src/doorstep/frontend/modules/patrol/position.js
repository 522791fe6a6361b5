/** The place of one record, attached when the worker taps for it, and taken off again the same way. */
import { say } from "./words.js";

export function position() {
  const place = document.querySelector("[data-position-here]");
  const form = place?.closest("form");
  if (!form || !("geolocation" in navigator)) return;
  const button = place.querySelector("button");
  const words = place.querySelector("[data-position-words]");
  const label = button.textContent;
  const { longitude, latitude } = form.elements;
  const set = (coords, text) => {
    longitude.value = coords?.longitude ?? "";
    latitude.value = coords?.latitude ?? "";
    words.textContent = text;
    button.textContent = coords ? say("position_drop") : label;
  };
  place.hidden = false;
  form.addEventListener("patrol:emptied", () => set(null, ""));
  button.addEventListener("click", () => {
    if (longitude.value) return set(null, "");
    words.textContent = say("position_asking");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => set(coords, say("position_taken")),
      () => set(null, say("position_refused")),
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
    );
  });
}
