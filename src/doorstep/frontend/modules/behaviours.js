/** Small behaviours shared by desk and phone, each bound to a data attribute. Pages work without them. */

function announce(text) {
  const region = document.getElementById("announcements");
  if (region) region.textContent = text;
}

async function copyText(button) {
  const source = document.querySelector(button.dataset.copy);
  if (!source) return;
  const text = source.value ?? source.innerText;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // WeChat's browser and plain http have no clipboard interface.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  announce(button.dataset.copied ?? "");
  const word = button.querySelector("[data-copy-word]") ?? button;
  const before = word.textContent;
  word.textContent = button.dataset.copied ?? before;
  setTimeout(() => (word.textContent = before), 2000);
}

document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) copyText(copy);
  if (event.target.closest("[data-print]")) window.print();

  const choice = event.target.closest("[data-pick]");
  if (choice) choosePlace(choice);
  else if (!event.target.closest(".picker")) closeSuggestions();
});

function choosePlace(choice) {
  const picker = choice.closest(".picker");
  picker.querySelector("[data-picker-code]").value = choice.dataset.pick;
  const box = picker.querySelector("[data-picker-text]");
  box.value = choice.dataset.name;
  picker.querySelector(".suggestions").replaceChildren();
  box.focus();
  picker.dispatchEvent(new CustomEvent("place-picked", { bubbles: true, detail: choice.dataset.pick }));
}

function closeSuggestions() {
  for (const list of document.querySelectorAll(".picker .suggestions")) list.replaceChildren();
}

// Up and down walk through suggestions, Escape closes them.
document.addEventListener("keydown", (event) => {
  const picker = event.target.closest?.(".picker");
  if (!picker) return;
  if (event.key === "Escape") {
    closeSuggestions();
    picker.querySelector("[data-picker-text]").focus();
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [picker.querySelector("[data-picker-text]"), ...picker.querySelectorAll(".suggestions :is(a, button)")];
  const next = stops.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
  if (stops[next]) {
    event.preventDefault();
    stops[next].focus();
  }
});

// A select that re-scopes a page sends its form at once; without scripts the form's button does.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-send-on-change]")) event.target.form.requestSubmit();
});
for (const button of document.querySelectorAll("[data-hide-with-scripts]")) button.hidden = true;

// One click, one order: a form marked data-once cannot be sent twice.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-once]")) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("htmx:responseError", () => announce(document.body.dataset.textFailed ?? ""));
document.addEventListener("htmx:sendError", () => announce(document.body.dataset.textOffline ?? ""));
