/** A form with data-action goes through the phone's store: kept first, then sent, so that nothing depends on the network. */
import { addresses, changed, flush, own, sendLater, sender } from "./queue.js";
import { newKey } from "../outbox.js";
import * as store from "./store.js";
import { say } from "./words.js";

const FLASH = "patrol-flash";
let pressed = null;

export function interceptForms() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.form) pressed = button;
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-action]");
    if (!form || form.dataset.native) return;
    event.preventDefault();
    const button = event.submitter ?? (pressed?.form === form ? pressed : form.querySelector("button:not([type=button])"));
    submit(form, button);
  });
}

async function submit(form, button) {
  if (form.dataset.busy || !isFilledIn(form, button)) return;
  form.dataset.busy = "yes";
  for (const each of form.querySelectorAll("button")) each.disabled = true;
  try {
    await keepAndSend(form, button);
  } finally {
    delete form.dataset.busy;
    for (const each of form.querySelectorAll("button")) each.disabled = false;
  }
}

/** Blanks alone are nothing; what was settled on the spot says how. */
function isFilledIn(form, button) {
  const settled = button?.name === "how" && button.value === "settled";
  for (const field of form.querySelectorAll("textarea")) {
    const needed = field.required || (settled && field.name === "note");
    if (!needed || field.value.trim()) continue;
    field.value = "";
    const optional = !field.required;
    field.required = true;
    field.reportValidity();
    field.required = !optional;
    return false;
  }
  return true;
}

async function actionOf(form, button) {
  const given = [...new FormData(form)];
  const fields = Object.fromEntries(given.filter(([, value]) => typeof value === "string"));
  const files = given.filter(([, value]) => value instanceof File && value.size);
  delete fields.csrfmiddlewaretoken;
  delete fields.key;
  if (button?.name) fields[button.name] = button.value;
  const number = form.dataset.matter ?? "";
  const before = number ? (await own()).filter((each) => each.number === number && each.name !== "remark") : [];
  return {
    key: newKey(), sender: await sender(), name: form.dataset.action, number, fields, files,
    follows: before.at(-1)?.key ?? null, done_at: new Date().toISOString(), state: "waiting", message: "",
    words: form.dataset.words ?? button?.textContent.trim() ?? "", title: form.dataset.title ?? fields.text?.slice(0, 40) ?? button?.textContent.trim() ?? "",
  };
}

/** A picture stays with a record that is mended, unless another is chosen. */
async function filesOf(order) {
  return (await own()).find((each) => each.order === Number(order))?.files ?? [];
}

async function keepAndSend(form, button) {
  let action;
  try {
    action = await actionOf(form, button);
    action.files = action.files.length ? action.files : await filesOf(form.dataset.replaces);
    action.order = await store.add(action);
  } catch {
    return sendWithoutStore(form, button);
  }
  const replaced = Number(form.dataset.replaces ?? 0);
  if (replaced) await store.remove(replaced);
  const sent = await flush();
  const done = sent.find((each) => each.key === action.key);
  if (done) return goOn(done.answer);
  const kept = (await own()).find((each) => each.key === action.key);
  if (!kept) return goOn({ url: addresses.home, message: "" }); // the service worker was faster
  if (kept.state === "waiting") {
    sendLater();
    if (!action.number) return stayForNext(form);
  }
  changed();
  document.querySelector("[data-local]")?.scrollIntoView({ block: "center" });
}

/** The next page says what was done. */
function goOn(answer) {
  try {
    sessionStorage.setItem(FLASH, answer.message);
  } catch {
    // private window: the page itself shows the new state
  }
  location.assign(answer.url);
}

export function flashed() {
  try {
    const message = sessionStorage.getItem(FLASH);
    sessionStorage.removeItem(FLASH);
    return message ?? "";
  } catch {
    return "";
  }
}

/** A record that waits: the form is free for the next one. */
function stayForNext(form) {
  form.reset();
  delete form.dataset.replaces;
  form.dispatchEvent(new Event("patrol:emptied"));
  document.dispatchEvent(new CustomEvent("patrol:said", { detail: { kind: "info", text: say("kept") } }));
  changed();
  window.scrollTo({ top: 0 });
}

/** No room in the store: with a network the form goes as it would without scripts; without, the words stay on the page. */
async function sendWithoutStore(form, button) {
  const isThere = await fetch(addresses.session, { cache: "no-store", redirect: "manual" }).then(
    (answer) => answer.ok,
    () => false,
  );
  if (!isThere) {
    document.dispatchEvent(new CustomEvent("patrol:said", { detail: { kind: "error", text: say("full") } }));
    window.scrollTo({ top: 0 });
    return;
  }
  if (button?.name) {
    const chosen = document.createElement("input");
    Object.assign(chosen, { type: "hidden", name: button.name, value: button.value });
    form.append(chosen);
  }
  form.dataset.native = "yes";
  form.submit();
}

