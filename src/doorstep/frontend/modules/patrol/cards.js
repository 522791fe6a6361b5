/** One action of the queue as the worker sees it: what, when, where it stands, and what can be done about it. */
import { changed, flush, wordsOf } from "./queue.js";
import { newKey } from "../outbox.js";
import * as store from "./store.js";
import { clockOf, element, say, sureButton } from "./words.js";

const home = document.getElementById("patrol")?.dataset.home;

export function cardOf(action) {
  const waits = action.state === "waiting";
  const words = wordsOf(action);
  return element(
    "div",
    { class: `notice ${waits ? "info" : "error"} patrol-card` },
    element(
      "p",
      { class: "mb-1" },
      element("strong", { class: "kind" }, say(`state_${action.state}`)),
      `${action.words}${action.title ? `：${action.title}` : ""} `,
      element("span", { class: "text-secondary" }, say("at", { time: clockOf(action.done_at) })),
    ),
    waits ? "" : element("p", { class: "mb-1" }, action.held ? say("held") : action.message),
    words && !waits ? element("p", { class: "matter-words" }, `${say("your_words")}：${words}`) : "",
    element("div", { class: "patrol-choices" }, ...choices(action, words)),
  );
}

function choices(action, words) {
  const drop = async () => {
    await store.remove(action.order);
    changed();
  };
  if (action.state === "waiting") return [sureButton(say("discard"), say("discard_waiting_sure"), drop)];
  const offered = [];
  if (action.number && action.state !== "gone") {
    if (words) offered.push(plain(say("as_remark"), () => asRemark(action, words)));
    offered.push(element("a", { class: "btn", href: `${home}m/${action.number}/` }, say("latest")));
  }
  const page = { record: "new/", visit: "visit/" }[action.name];
  if (page) offered.push(element("a", { class: "btn", href: `${home}${page}#again=${action.order}` }, say("mend")));
  if (action.state === "refused" && !action.held) offered.push(plain(say("retry"), () => again(action)));
  offered.push(sureButton(say("discard"), say("discard_sure"), drop));
  return offered;
}

function plain(label, act) {
  return element("button", { type: "button", class: "btn", onclick: act }, label);
}

async function asRemark(action, text) {
  await store.change(action.order, {
    name: "remark", words: say("remark"), fields: { text }, key: newKey(), follows: null, state: "waiting",
    message: "", held: false,
  });
  await flush();
}

async function again(action) {
  await store.change(action.order, { state: "waiting", message: "" });
  await flush();
}
