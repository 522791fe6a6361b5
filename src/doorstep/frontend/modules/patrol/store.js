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

/** Actions in the order they were done. Each says whose it is. */
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

/** Somebody else begins on this phone: what was their predecessor's to see goes; what was not sent stays theirs. */
export async function begin(sender) {
  const db = await database();
  const step = db.transaction(["done", "facts"], "readwrite");
  const before = await step.objectStore("facts").get("sender");
  if (before !== sender) {
    await step.objectStore("done").clear();
    await step.objectStore("facts").put(sender, "sender");
  }
  await step.done;
  return before !== undefined && before !== sender;
}

export async function forgetEverything() {
  if (opened) (await opened).close();
  opened = null;
  await deleteDB(NAME);
}
