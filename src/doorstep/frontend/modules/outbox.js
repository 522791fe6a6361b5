import { openDB } from "idb";

/**
 * What was written without a network, kept in this browser until it has been sent, in the order it was written.
 *
 * A letter: key (a UUID of its own; the server takes each key once), kind ("report"), address, fields [[name, value]],
 * files [[name, File]], words (how a list names it), about (letters about the same thing wait for one another), sender
 * (whose it is, as `session()` said; only that person's session sends it), and after sending `answer`, or `trouble`:
 * words why it was refused.
 */
const SECONDS = 1000;
const PATIENCE = 60 * SECONDS;
const AGAIN = 10 * SECONDS; // browsers do not always notice that the network is back
let notBefore = 0;
let lastOrder = 0;
let why = ""; // in the server's words, where it said why what waits has to wait

function store() {
  return openDB("doorstep", 1, {
    upgrade(database) {
      database.createObjectStore("letters", { keyPath: "key" });
    },
  });
}

/** Runs `work` on the database and closes it: an open one would stand in the way of a newer page's. */
async function withStore(work) {
  const database = await store();
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

function changed(detail = {}) {
  document.dispatchEvent(new CustomEvent("outbox", { detail }));
}

/** Keep a letter. Rejects where the browser can keep nothing (some private windows). */
export async function keep(letter) {
  lastOrder = Math.max(Date.now(), lastOrder + 1);
  await withStore((database) => database.put("letters", { files: [], ...letter, order: lastOrder }));
  changed();
}

/** All letters of a kind, the oldest first: waiting, refused, and sent ones whose answer nobody has read yet. */
export async function letters(kind) {
  const found = await withStore((database) => database.getAll("letters"));
  return found.filter((letter) => !kind || letter.kind === kind).sort((one, other) => one.order - other.order);
}

export async function forget(key) {
  await withStore((database) => database.delete("letters", key));
  changed();
}

/** Whether anything was changed on a letter (a refused one is to be tried again, say). */
export async function amend(key, changes) {
  const found = await withStore(async (database) => {
    const letter = await database.get("letters", key);
    if (letter) await database.put("letters", { ...letter, ...changes });
    return Boolean(letter);
  });
  changed();
  return found;
}

/** Who is signed in ("" for nobody) and the token for the next form. Rejects without a network. */
export async function session() {
  const answer = await patiently("/session/", { headers: { Accept: "application/json" } });
  const now = answer.ok ? await answer.json() : {};
  if (!now.token) throw new Error(answer.statusText); // not our server's word: a page in between
  return now;
}

async function patiently(address, options) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), PATIENCE);
  const plain = { credentials: "same-origin", redirect: "manual", cache: "no-store", signal: control.signal };
  try {
    return await fetch(address, { ...plain, ...options });
  } finally {
    clearTimeout(timer);
  }
}

/** Post one letter as a form. Gives {status, answer}, the answer empty where it was no data; rejects where none came. */
export async function post(letter, token) {
  const body = new FormData();
  for (const [name, value] of letter.fields) body.append(name, value);
  for (const [name, file] of letter.files ?? []) body.append(name, file, file.name);
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const response = await patiently(letter.address, { method: "POST", body, headers });
  const answer = (await response.json().catch(() => null)) ?? {};
  return { status: response.status, answer, wait: Number(response.headers.get("Retry-After")) || 0 };
}

/**
 * What an answer says of a letter: "taken" only where it names the number it was taken in under, "refused" where it
 * says why. All else is no word about it, and it waits: a redirect (a password to be changed, a second factor to be set
 * up), a hotel's or a carrier's page in between, a session that ended, a server out of breath; "unclear" where it may
 * be this letter alone that a proxy or the server does not let through.
 */
function meaningOf(status, answer) {
  if (status >= 200 && status < 300 && answer.number) return "taken";
  if (status < 400 || status >= 500 || [401, 403, 429].includes(status)) return "waits";
  return answer.message ? "refused" : "unclear";
}

/**
 * Send what waits, one after another. Only one page of this browser does so at a time.
 *
 * Gives why something still waits, in the server's words; "" where it said nothing.
 */
export async function sendAll() {
  if (Date.now() < notBefore) return why;
  if (!navigator.onLine || !(await letters()).some((letter) => !letter.trouble && !letter.answer)) return "";
  why = "";
  if (!navigator.locks) await sendWaiting();
  else await navigator.locks.request("doorstep-outbox", { ifAvailable: true }, (lock) => lock && sendWaiting());
  return why;
}

async function sendWaiting() {
  let now;
  try {
    now = await session();
  } catch {
    return;
  }
  const held = new Set();
  for (const letter of await letters()) {
    const stays = letter.trouble || held.has(letter.about) || (letter.sender && letter.sender !== now.sender);
    if (letter.answer) continue;
    if (stays) {
      if (letter.about) held.add(letter.about);
      continue;
    }
    if (!(await sendOne(letter, now.token))) return;
  }
}

/** Whether the next one may be tried. */
async function sendOne(letter, token) {
  let outcome;
  try {
    outcome = await post(letter, token);
  } catch {
    return false; // no network: all that waits stays as it is
  }
  const { status, answer, wait } = outcome;
  const meaning = meaningOf(status, answer);
  if (meaning === "unclear") return true;
  if (meaning === "waits") {
    notBefore = Date.now() + (wait * SECONDS || AGAIN);
    why = answer.message ?? answer.error?.message ?? "";
    changed({ later: why });
    return false;
  }
  // what was sent is not kept any longer, its answer is until somebody has read it
  const refused = { trouble: answer.message, field: answer.field ?? "" };
  const changes = meaning === "taken" ? { answer, fields: [], files: [] } : refused;
  await amend(letter.key, changes);
  changed({ letter: { ...letter, ...changes } });
  return true;
}

/** Send now and from now on: when the network is back, when the page is looked at again, and now and then. */
export function sendFromNowOn() {
  const go = () => sendAll().catch(() => {});
  go();
  window.addEventListener("online", () => {
    notBefore = 0;
    go();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && go());
  setInterval(go, AGAIN);
}

/** A new UUID, also where the page has no secure context and so no randomUUID. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
