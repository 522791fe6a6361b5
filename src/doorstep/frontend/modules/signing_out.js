/** Signing out of a browser that keeps work for the patrol: what was not sent is warned of, then all of it is cleared. */
const MARK = "doorstep-patrol";

function keepsSomething() {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    return false;
  }
}

async function clearAndGo(form) {
  const { clearPhone, waitingCount } = await import("./patrol/leaving.js");
  const { textLeave, textCleared } = document.body.dataset;
  const waiting = await waitingCount();
  if (waiting && !window.confirm(textLeave.replace("{n}", waiting))) return;
  await clearPhone();
  if (navigator.onLine === false) {
    window.alert(textCleared); // the session itself ends with a network only
    location.reload();
    return;
  }
  form.submit();
}

document.addEventListener("submit", (event) => {
  const leaves = new URL(event.target.action).pathname === "/sign-out/" && document.body.dataset.textLeave;
  if (!leaves || !keepsSomething()) return;
  event.preventDefault();
  clearAndGo(event.target);
});
