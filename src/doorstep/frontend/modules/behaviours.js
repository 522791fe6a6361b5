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
