/** "Use my position": the button shows only where scripts run and the browser can tell; it asks once, on a tap. */
for (const form of document.querySelectorAll("form[data-position]")) {
  if (!("geolocation" in navigator)) break;
  form.hidden = false;
  const says = form.querySelector("[data-position-says]");
  form.addEventListener("submit", (event) => {
    if (form.elements.longitude.value) return;
    event.preventDefault();
    says.textContent = form.dataset.textAsking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.longitude.value = coords.longitude;
        form.elements.latitude.value = coords.latitude;
        form.requestSubmit();
      },
      () => (says.textContent = form.dataset.textRefused),
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
    );
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-position]")) form.reset();
});
