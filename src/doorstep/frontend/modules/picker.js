/**
 * Places while one types. In the header a suggestion is a link. As a field of a form, a hidden value carries the code
 * and the box shows the name; choosing or clearing sends the form. Without scripts the box alone is the field and
 * takes a code or an exact name.
 */
function carryCode(box) {
  const code = document.createElement("input");
  code.type = "hidden";
  code.name = box.name;
  code.value = box.dataset.pickerCode;
  box.removeAttribute("name");
  if (box.dataset.pickerName) box.value = box.dataset.pickerName;
  box.after(code);
  const clear = box.parentElement.querySelector("[data-picker-clear]");
  clear.hidden = !box.value;
  box.addEventListener("input", () => {
    box.dataset.asking = "yes"; // what is listed answers an earlier text
    code.value = box.value;
    clear.hidden = !box.value;
  });
  clear.addEventListener("click", () => {
    const wasChosen = box.dataset.pickerCode;
    box.value = code.value = "";
    clear.hidden = true;
    closeSuggestions();
    if (wasChosen) chosen(box);
    else box.focus();
  });
}

for (const box of document.querySelectorAll(".picker-field [data-picker-text]")) carryCode(box);

// A box without a name of its own still asks for suggestions by what is typed.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.matches(".picker-field [data-picker-text]")) event.detail.parameters.q = event.target.value;
});

document.addEventListener("htmx:afterSwap", (event) => {
  delete event.target.closest?.(".picker")?.querySelector("[data-picker-text]").dataset.asking;
});

function choosePlace(choice) {
  const picker = choice.closest(".picker");
  const box = picker.querySelector("[data-picker-text]");
  box.value = choice.dataset.name;
  picker.querySelector("input[type=hidden]").value = choice.dataset.pick;
  closeSuggestions();
  box.focus();
  chosen(box);
}

// A place re-scopes the page; in a form that is still being filled in (data-picker-stay) it is one answer of several.
function chosen(box) {
  const stays = box.closest("[data-picker-stay]");
  if (stays) stays.dispatchEvent(new Event("change", { bubbles: true }));
  else box.form.requestSubmit();
}

function closeSuggestions() {
  for (const list of document.querySelectorAll(".picker .suggestions")) list.replaceChildren();
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-pick]");
  if (choice) choosePlace(choice);
  else if (!event.target.closest(".picker")) closeSuggestions();
});

// Up and down walk through suggestions, Enter takes the first, Escape closes them.
document.addEventListener("keydown", (event) => {
  const picker = event.target.closest?.(".picker");
  if (!picker || event.isComposing) return;
  const box = picker.querySelector("[data-picker-text]");
  if (event.key === "Escape") {
    closeSuggestions();
    box.focus();
    return;
  }
  const choices = [...picker.querySelectorAll(".suggestions :is(a, button)")];
  if (event.key === "Enter" && event.target === box && choices.length && !box.dataset.asking) {
    event.preventDefault();
    choices[0].click();
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [box, ...choices];
  const next = stops.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
  if (stops[next]) {
    event.preventDefault();
    stops[next].focus();
  }
});

// Tabbing away closes the suggestions.
document.addEventListener("focusin", (event) => {
  if (!event.target.closest(".picker")) closeSuggestions();
});
