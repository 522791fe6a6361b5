/**
 * What a phone keeps while there is no network: actions in their order, what was just sent, whose phone it is.
 * One database of the browser's own, through idb. Everything here may fail (storage full, private windows): callers say so.
 */
import { deleteDB, openDB } from "idb";

const NAME = "doorstep-patrol";
const MOST_DONE = 20;
let opened = null;

function database() {
  opened ??= openDB(NAME, 1, {
    upgrade(db) {
      db.createObjectStore("actions", { keyPath: "order", autoIncrement: true });
      db.createObjectStore("done", { keyPath: "order", autoIncrement: true });
      db.createObjectStore("facts");
    },
    blocking(_current, _next, event) {
      event.target.close();
      opened = null;
    },
    terminated() {
      opened = null;
    },
  }).catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

/** Version 4 of a random key; `crypto.randomUUID` is missing where pages come by plain http. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Actions in the order they were done. Those of another account are somebody else's: see `of`. */
export async function actions() {
  return (await database()).getAll("actions");
}

export async function add(action) {
  const db = await database();
  const change = db.transaction("actions", "readwrite");
  const order = await change.store.add(action);
  await change.done; // only now is it on the phone
  return order;
}

export async function change(order, values) {
  const db = await database();
  const step = db.transaction("actions", "readwrite");
  const kept = await step.store.get(order);
  if (kept) await step.store.put({ ...kept, ...values });
  await step.done;
}

export async function remove(order) {
  await (await database()).delete("actions", order);
}

/** Done on the server: off the queue and onto the list of what was sent, together. */
export async function finish(order, told) {
  const db = await database();
  const step = db.transaction(["actions", "done"], "readwrite");
  const done = step.objectStore("done");
  await step.objectStore("actions").delete(order);
  await done.add(told);
  const keys = await done.getAllKeys();
  for (const key of keys.slice(0, Math.max(0, keys.length - MOST_DONE))) await done.delete(key);
  await step.done;
}

export async function justSent() {
  return (await (await database()).getAll("done")).reverse();
}

export async function fact(name) {
  return (await database()).get("facts", name);
}

export async function setFact(name, value) {
  await (await database()).put("facts", value, name);
}

/** Another account begins on this phone: what was its predecessor's to see goes; what they had not sent stays theirs. */
export async function beginAccount(account) {
  const db = await database();
  const step = db.transaction(["done", "facts"], "readwrite");
  const before = await step.objectStore("facts").get("account");
  if (before !== account) {
    await step.objectStore("done").clear();
    await step.objectStore("facts").put(account, "account");
  }
  await step.done;
  return before !== undefined && before !== account;
}

export async function forgetEverything() {
  if (opened) (await opened).close();
  opened = null;
  await deleteDB(NAME);
}
