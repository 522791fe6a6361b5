/**
 * Sends what waits, in order, each exactly once: the server knows every action by its key. Runs in pages and in the service
 * worker; one at a time where the browser has locks, and harmlessly twice where it has none.
 *
 * Gives {sent, trouble}: `trouble` is "" or "offline", "signed_out", "failed".
 */
import * as store from "./store.js";

const PATIENCE = 20000;
const PATIENCE_WITH_FILES = 180000; // a photo on a slow network

async function ask(address, options = {}, patience = PATIENCE) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    return await fetch(address, {
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
      signal: stop.signal,
      ...options,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Whose session it is: {sender, token}; or {trouble}. A redirect leads to the sign-in page. */
async function whoIsHere(addresses) {
  let answer;
  try {
    answer = await ask(addresses.session);
  } catch {
    return { trouble: "offline" };
  }
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return { trouble: "signed_out" };
  if (!answer.ok) return { trouble: "failed" };
  try {
    const who = await answer.json();
    return who.sender ? who : { trouble: "signed_out" };
  } catch {
    return { trouble: "offline" }; // a hotel's or a carrier's page in between
  }
}

async function send(action, who, addresses) {
  const { key, sender, name, number, fields, follows, done_at } = action;
  const told = JSON.stringify({ key, sender, name, number, fields, follows, done_at });
  const files = action.files ?? [];
  const headers = { "X-CSRFToken": who.token };
  let body = told;
  if (files.length) {
    body = new FormData();
    body.append("action", told);
    for (const [field, file] of files) body.append(field, file, file.name);
  } else headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await ask(addresses.send, { method: "POST", headers, body }, files.length ? PATIENCE_WITH_FILES : PATIENCE);
  } catch {
    return { trouble: "offline" };
  }
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return { trouble: "signed_out" };
  if (answer.status >= 500) return { trouble: "failed" };
  try {
    return await answer.json();
  } catch {
    return { trouble: "failed" };
  }
}

async function drainNow(addresses, told) {
  const waiting = (await store.actions()).filter((action) => action.state === "waiting");
  if (!waiting.length) return { sent: [], trouble: "" };
  const who = await whoIsHere(addresses);
  if (who.trouble) return { sent: [], trouble: who.trouble };
  const own = (await store.actions()).filter((action) => action.sender === who.sender);
  const sent = [];
  const stuck = new Map(); // matters of which an earlier action did not get through
  const note = (action, how) => action.number && action.name !== "remark" && stuck.set(action.number, how);
  let trouble = "";
  for (const action of own) {
    const stands = action.name !== "remark" && stuck.get(action.number);
    if (action.state !== "waiting") {
      note(action, "refused");
      continue;
    }
    if (stands === "refused") {
      await store.change(action.order, { state: "conflict", message: "", held: true });
      continue;
    }
    if (stands) continue;
    const answer = await send(action, who, addresses);
    if (answer.trouble === "offline" || answer.trouble === "signed_out") return { sent, trouble: answer.trouble };
    if (answer.trouble) {
      trouble = answer.trouble;
      note(action, "later");
      continue;
    }
    if (answer.state === "done") {
      const at = new Date().toISOString();
      await store.finish(action.order, { message: answer.message, title: action.title, number: answer.number, at });
      sent.push({ ...action, answer });
    } else if (answer.state === "waits" && waiting.some((each) => each.key === action.follows)) {
      note(action, "later");
    } else if (answer.state !== "other") {
      const state = answer.state === "waits" ? "conflict" : answer.state;
      await store.change(action.order, { state, message: answer.message });
      note(action, "refused");
    }
    told?.();
  }
  return { sent, trouble };
}

let running = null;

export function drain(addresses, told) {
  running ??= locked(() => drainNow(addresses, told)).finally(() => (running = null));
  return running;
}

function locked(work) {
  if (!navigator.locks) return work();
  return navigator.locks.request("doorstep-patrol-send", work);
}
