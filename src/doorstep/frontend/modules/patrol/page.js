/** What the scripts of the patrol do on a page: the bar above it, what waits on this phone, sending, keeping pages. */
import { cardOf } from "./cards.js";
import { keepThisPage, prepareWorker } from "./keeping.js";
import { MARK, clearPhone } from "./leaving.js";
import { position } from "./position.js";
import { changed, flush, others, own, status } from "./queue.js";
import * as store from "./store.js";
import { flashed, interceptForms } from "./submit.js";
import { clockOf, element, say, sureButton } from "./words.js";

const bar = document.getElementById("patrol");
let said = null;

export function begin() {
  if (!bar) return;
  interceptForms();
  position();
  document.addEventListener("patrol:changed", draw);
  document.addEventListener("patrol:said", (event) => {
    said = event.detail;
    draw();
  });
  const flash = flashed();
  if (flash) said = { kind: "success", text: flash };
  for (const [target, name] of [[window, "online"], [window, "offline"], [window, "pageshow"], [document, "visibilitychange"]]) {
    target.addEventListener(name, look);
  }
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (data?.patrol === "tried") data.sent ? reloadIfQuiet() : draw(); // the service worker has been sending
  });
  start();
}

async function start() {
  try {
    localStorage.setItem(MARK, "yes");
  } catch {
    // private window
  }
  try {
    const isNew = bar.dataset.sender ? await store.begin(bar.dataset.sender) : false;
    await mendRecord();
    await look();
    await prepareWorker(isNew);
    await keepThisPage();
  } catch {
    draw();
  }
}

/** The network may be back: send. What went is shown by the page itself, anew. */
async function look() {
  if (document.visibilityState === "hidden") return;
  draw();
  let waiting = [];
  try {
    waiting = (await own()).filter((action) => action.state === "waiting");
  } catch {
    return;
  }
  if (!waiting.length || navigator.onLine === false) return;
  const sent = await flush();
  if (sent.length) reloadIfQuiet();
}

/** Show the new state, unless somebody is typing. */
function reloadIfQuiet() {
  changed();
  const typed = [...document.querySelectorAll("textarea, input[type=text]")].some((field) => field.value !== field.defaultValue);
  if (!typed) location.reload();
}

async function draw() {
  let mine = [];
  let theirs = [];
  try {
    mine = await own();
    theirs = await others();
  } catch {
    // no store here: pages work as without scripts
  }
  drawBar(mine);
  drawMatter(mine);
  drawList(mine);
  drawQueue(mine, theirs);
}

function drawBar(mine) {
  const waiting = mine.filter((action) => action.state === "waiting").length;
  const troubled = mine.length - waiting;
  const keptAt = Number(document.documentElement.dataset.kept ?? 0);
  const lines = [];
  if (said) lines.push(element("p", { class: `patrol-said ${said.kind}` }, said.text));
  if (troubled) lines.push(line("late", say("trouble", { n: troubled }), link(say("look"), bar.dataset.phone)));
  if (status.trouble === "signed_out" && waiting) {
    lines.push(line("soon", say("signed_out", { n: waiting }), link(say("sign_in"), bar.dataset.signIn)));
  } else if (navigator.onLine === false || keptAt || status.trouble === "offline") {
    lines.push(line("quiet", say("offline", { time: clockOf(keptAt || bar.dataset.made) })));
  } else if (status.trouble === "failed" && waiting) lines.push(line("soon", say("failed")));
  if (waiting && status.sending) lines.push(line("quiet", say("sending")));
  else if (waiting) {
    const now = element("button", { type: "button", class: "btn", onclick: look }, say("send_now"));
    lines.push(line("quiet", say("waiting", { n: waiting }), navigator.onLine === false ? "" : now));
  }
  bar.replaceChildren(...lines);
  bar.hidden = !lines.length;
  for (const count of document.querySelectorAll("[data-waiting]")) {
    count.textContent = String(mine.length);
    count.hidden = !mine.length;
  }
}

function line(kind, text, more = "") {
  return element("p", { class: `patrol-line ${kind}` }, element("span", {}, text), more);
}

function link(text, href) {
  return element("a", { class: "btn", href }, text);
}

/** On a matter's page: what is on its way stands in the place of the steps; what comes after it can be done at once. */
function drawMatter(mine) {
  const page = document.querySelector("[data-page-matter]");
  if (!page) return;
  const here = mine.filter((action) => action.number === page.dataset.pageMatter);
  const local = page.querySelector("[data-local]");
  local.replaceChildren(...here.map(cardOf));
  local.hidden = !here.length;
  const steps = here.filter((action) => action.name !== "remark");
  page.querySelector("[data-steps]").hidden = steps.length > 0;
  const last = steps.every((action) => action.state === "waiting") ? steps.at(-1)?.name : "";
  for (const after of page.querySelectorAll("[data-after]")) after.hidden = after.dataset.after !== last;
}

function drawList(mine) {
  for (const row of document.querySelectorAll("a[data-matter]")) {
    const here = mine.filter((action) => action.number === row.dataset.matter);
    const mark = row.querySelector("[data-pending]");
    mark.hidden = !here.length;
    mark.textContent = here.map((action) => `${say(`state_${action.state}`)}：${action.words}`).join("、");
  }
}

async function drawQueue(mine, theirs) {
  const list = document.querySelector("[data-queue]");
  if (!list) return;
  const sent = await store.justSent().catch(() => []);
  const parts = mine.length ? mine.map(cardOf) : [element("p", { class: "text-secondary" }, say("none"))];
  if (theirs.length) {
    const clear = async () => {
      for (const action of theirs) await store.remove(action.order);
      changed();
    };
    const n = theirs.length;
    parts.push(
      element("div", { class: "notice warning" }, element("p", {}, say("other_account", { n })),
        sureButton(say("discard_other", { n }), say("discard_sure"), clear)),
    );
  }
  if (sent.length) {
    const rows = sent.map((each) => element("li", { class: "venue" }, `${each.message}${each.title} `,
      element("span", { class: "text-secondary" }, clockOf(each.at))));
    parts.push(element("h2", {}, say("done_list")), element("ul", { class: "phone-lines" }, ...rows));
  }
  list.replaceChildren(...parts);
  const place = document.querySelector("[data-clear]:empty"); // only where nobody is signed in
  place?.append(sureButton(say("clear_phone"), say("clear_sure"), () => clearPhone().then(() => location.reload())));
}

/** A record or a visit that was refused, to be mended: its words are put back into the form. */
async function mendRecord() {
  const form = document.querySelector("form[data-action=record], form[data-action=visit]");
  const order = Number(location.hash.match(/^#again=(\d+)$/)?.[1] ?? 0);
  if (!form || !order) return;
  const action = (await own()).find((each) => each.order === order);
  if (action?.name !== form.dataset.action) return;
  for (const [name, value] of Object.entries(action.fields)) {
    const field = form.elements[name];
    if (field && "value" in field && !(field instanceof HTMLButtonElement)) field.value = value;
  }
  for (const part of form.querySelectorAll("details")) part.open = true;
  form.dataset.replaces = String(order);
}
