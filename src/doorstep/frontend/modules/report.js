import htmx from "htmx.org";

import { forget, keep, letters, newKey, sendAll, sendFromNowOn } from "./outbox.js";

/** The page on which something is reported. Without scripts it is a plain form; with them it also works offline. */
const KIND = "report";
const DRAFT = "report-draft";
const LOGIN = "last-sender";

function read(store, name) {
  try {
    return store.getItem(name) ?? "";
  } catch {
    return ""; // storage is switched off
  }
}

function write(store, name, value) {
  try {
    if (value) store.setItem(name, value);
    else store.removeItem(name);
  } catch {
    // as above: the page works, it only forgets
  }
}

// An unpaired surrogate counts as one, as it does on the server.
const lengthOf = (text) => [...text.trim()].length;

function setUp(form) {
  const text = form.elements.text;
  const says = form.querySelector("[data-says]");
  const words = form.dataset;
  const emergencies = JSON.parse(words.emergencies);
  const longest = Number(words.longest);
  const count = form.querySelector("[data-count]");
  const button = form.querySelector("button.btn-wide");

  function look() {
    const length = lengthOf(text.value);
    count.textContent = words.textCount.replace("{n}", length);
    count.classList.toggle("text-danger", length > longest);
    showEmergencies(form, emergencies.filter((each) => each.words.some((word) => text.value.includes(word))));
    write(sessionStorage, DRAFT, text.value);
  }

  function refuse(message, field) {
    says.textContent = message;
    button.disabled = false;
    button.textContent = words.textSend;
    form.elements[field]?.focus?.();
  }

  async function submit(event) {
    if (event.submitter?.name === "pick") return undefined; // without htmx the place is picked by a plain request
    if (event.submitter?.name === "follow") {
      write(sessionStorage, DRAFT, ""); // the neighbour's report stands for this one
      return undefined;
    }
    event.preventDefault();
    const length = lengthOf(text.value);
    if (!length) return refuse(words.textEmpty, "text");
    if (length > longest) return refuse(words.textLong, "text");
    if (!hasPlace(form)) return refuse(words.textNowhere, "find");
    says.textContent = "";
    button.disabled = true;
    button.textContent = words.textSending;
    const letter = letterOf(form);
    try {
      await keep(letter);
    } catch {
      // nothing can be kept here: as a plain form, which the browser itself says it could not send
      if (!navigator.onLine) return refuse(words.textCannotKeep, "text");
      HTMLFormElement.prototype.submit.call(form);
      return undefined;
    }
    const why = await sendAll().catch(() => "");
    const after = (await letters(KIND)).find(({ key }) => key === letter.key);
    if (after?.trouble) {
      await forget(letter.key);
      form.elements.key.value = newKey();
      return refuse(after.trouble, after.field ?? "text");
    }
    write(sessionStorage, DRAFT, "");
    if (after?.answer) {
      await forget(letter.key);
      window.location.assign(after.answer.url);
      return undefined;
    }
    clear(form);
    return refuse(why ? words.textLater.replace("{why}", why) : words.textKept, "");
  }

  function clear() {
    text.value = "";
    form.elements.key.value = newKey();
    form.elements.picture.value = "";
    form.querySelector("#hints").replaceChildren();
    form.dispatchEvent(new Event("cleared"));
    look();
  }

  if (words.kept !== undefined) standIn(form);
  else remember(form);
  if (!text.value) text.value = read(sessionStorage, DRAFT);
  else if (form.elements.seen) write(sessionStorage, DRAFT, text.value);
  text.addEventListener("input", look);
  form.addEventListener("submit", submit);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.matches("textarea, button, summary")) return;
    event.preventDefault(); // the first button of the form is not what was meant
    if (event.target.matches("[data-find]") && !event.isComposing) form.querySelector("button[value=find]").click();
  });
  look();
  if (text.value && words.kept === undefined) htmx.trigger(text, "input");
  places(form);
  dressPicture(form);
}

/** The browser's own file field speaks the browser's language and takes a line of its own; ours is one button. */
function dressPicture(form) {
  const box = form.querySelector("[data-picture]");
  const label = box.querySelector("[data-picture-label]");
  const field = form.elements.picture;
  const before = label.textContent;
  box.classList.add("is-dressed");
  label.classList.replace("form-label", "btn");
  const look = () => (label.textContent = field.files[0]?.name ?? before);
  field.addEventListener("change", look);
  form.addEventListener("cleared", look);
}

function showEmergencies(form, found) {
  const box = form.querySelector("[data-emergency]");
  const shown = found.map(({ number }) => number).join();
  if (box.dataset.shown === shown) return;
  box.dataset.shown = shown;
  const line = form.querySelector("[data-emergency-line]").innerHTML;
  box.replaceChildren();
  for (const { number, name } of found) {
    const part = document.createElement("template");
    part.innerHTML = line.replaceAll("{number}", number).replace("{name}", name);
    box.append(part.content);
  }
}

function hasPlace(form) {
  const { building, place, longitude, address } = form.elements;
  const described = form.dataset.kept !== undefined && address.value.trim();
  return Boolean(building.value || place.value || longitude.value || described);
}

/** The form as a letter. `seen`: what is nearby was shown beside the words, so the server need not ask again. */
function letterOf(form) {
  const fields = [];
  const files = [];
  for (const [name, value] of new FormData(form)) {
    if (name === "csrfmiddlewaretoken" || name === "find" || name === "pick") continue;
    if (value instanceof File) {
      if (value.size) files.push([name, value]);
    } else if (value) fields.push([name, value]);
  }
  const anonymous = form.elements.anonymous?.checked;
  return {
    key: form.elements.key.value,
    kind: KIND,
    address: form.getAttribute("action"),
    fields,
    files,
    words: form.elements.text.value.trim().slice(0, 40),
    sender: anonymous ? "" : form.elements.sender.value,
  };
}

/** What a page without a network needs to know of the last one with it: who wrote here, and their door. */
function remember(form) {
  write(localStorage, LOGIN, form.elements.sender.value);
  const mine = form.elements.building.value;
  const where = form.querySelector("[data-where-words]").textContent.trim();
  if (form.dataset.mine) write(localStorage, "my-door", mine ? JSON.stringify({ building: mine, where }) : "");
}

/** Nobody's form, from the browser's own store: filled with what this phone knows. */
function standIn(form) {
  form.elements.key.value = newKey();
  form.elements.sender.value = read(localStorage, LOGIN);
  // what needs the server stays away: this form's token is nobody's
  for (const part of form.querySelectorAll("[hx-post]")) part.removeAttribute("hx-post");
  form.querySelector("[data-search]").hidden = true;
  const nobody = form.querySelector("[data-nobody]");
  if (form.elements.sender.value && nobody) nobody.hidden = true;
  const door = read(localStorage, "my-door");
  if (!door) return;
  const { building, where } = JSON.parse(door);
  form.elements.building.value = building;
  form.querySelector("[data-where-words]").textContent = where;
  form.querySelector("#where details").open = false;
}

function places(form) {
  const where = () => form.querySelector("#where");

  function reveal() {
    const take = where().querySelector("[data-take-position]");
    take.hidden = !("geolocation" in navigator);
    where().querySelector("[data-pin]").hidden = form.dataset.kept !== undefined;
  }

  function put(longitude, latitude, datum) {
    const { elements } = form;
    elements.building.value = elements.place.value = "";
    elements.longitude.value = longitude;
    elements.latitude.value = latitude;
    elements.datum.value = datum;
    if (form.dataset.kept !== undefined || !navigator.onLine) {
      where().querySelector("[data-where-words]").textContent = form.dataset.textPosition;
      where().querySelector("[data-position-says]").textContent = "";
      return;
    }
    htmx.ajax("POST", "/report/place/", { source: where(), target: where(), swap: "outerHTML", values: htmx.values(where()) });
  }

  form.addEventListener("click", async (event) => {
    if (event.target.closest("[data-take-position]")) {
      const says = where().querySelector("[data-position-says]");
      says.textContent = form.dataset.textAsking;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => put(coords.longitude, coords.latitude, where().dataset.datum),
        () => (says.textContent = form.dataset.textRefused),
        { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
      );
    }
    if (event.target.closest("[data-pin]")) {
      const { pinOn } = await import("./pin.js");
      pinOn(where().querySelector("[data-pin-map]"), (longitude, latitude) => put(longitude, latitude, "wgs-84"));
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "where" || event.target.closest?.("form.report")) reveal();
  });
  reveal();
}

/** What waits in this phone, what was refused, and what has been sent and not yet been read. */
async function list(box) {
  let found = [];
  try {
    found = await letters(KIND);
  } catch {
    return;
  }
  box.hidden = !found.length;
  box.replaceChildren(...found.map((letter) => lineOf(box, letter)));
}

function lineOf(box, letter) {
  const { textWaiting, textRefused, textSent, textSignIn, textRemove, textRead } = box.dataset;
  const line = document.createElement("div");
  line.className = `notice ${letter.trouble ? "error" : letter.answer ? "success" : "warning"}`;
  line.dataset.letter = letter.key;
  const others = !letter.answer && letter.sender && box.dataset.sender !== undefined && letter.sender !== box.dataset.sender;
  const head = document.createElement("strong");
  head.className = "kind";
  head.textContent = letter.trouble ? textRefused : letter.answer ? textSent : textWaiting;
  const words = document.createElement("p");
  words.append(head, others ? "" : letter.words); // somebody else may hold the phone now
  line.append(words);
  const more = [];
  if (letter.trouble) more.push(letter.trouble);
  if (letter.answer) more.push(letter.answer.number, letter.answer.code, ...(letter.answer.promises ?? []), ...(letter.answer.warnings ?? []));
  if (others) more.push(textSignIn);
  const said = more.filter(Boolean);
  if (said.length) {
    const rest = document.createElement("p");
    rest.textContent = said.join(" · ");
    line.append(rest);
  }
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.textContent = letter.answer ? textRead : textRemove;
  button.addEventListener("click", () => (letter.answer || window.confirm(box.dataset.textSure)) && forget(letter.key));
  if (letter.trouble) line.append(mending(box, letter));
  line.append(button);
  return line;
}

/** Takes a refused one back into the form. A picture has to be chosen again. */
function mending(box, letter) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-primary me-2";
  button.textContent = box.dataset.textMend;
  button.addEventListener("click", async () => {
    write(sessionStorage, DRAFT, letter.fields.find(([name]) => name === "text")?.[1]);
    await forget(letter.key);
    window.location.assign("/report/");
  });
  return button;
}

for (const form of document.querySelectorAll("form[data-report]")) setUp(form);
// Who signs out leaves neither their name nor what was answered; what was not sent waits for them.
document.addEventListener("submit", (event) => {
  if (new URL(event.target.action).pathname !== "/sign-out/") return;
  write(localStorage, LOGIN, "");
  write(sessionStorage, DRAFT, "");
  letters(KIND)
    .then((found) => found.filter(({ answer }) => answer).forEach(({ key }) => forget(key)))
    .catch(() => {});
});

const boxes = document.querySelectorAll("[data-letters]");
for (const box of boxes) {
  list(box);
  document.addEventListener("outbox", () => list(box));
}
if (boxes.length) sendFromNowOn();
