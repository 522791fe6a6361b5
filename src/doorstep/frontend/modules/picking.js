/** Rows to tick in a list: all at once, a run of them with Shift, and how many are ticked. The form works without it. */

function rowsOf(form) {
  return [...form.querySelectorAll("input[name=row]")];
}

function tell(form) {
  const rows = rowsOf(form);
  const ticked = rows.filter((row) => row.checked).length;
  const words = form.querySelector("[data-pick-count]");
  words.dataset.before ??= words.textContent;
  words.textContent = ticked ? words.dataset.pickCount.replace("{n}", ticked) : words.dataset.before;
  const all = form.querySelector("[data-pick-all] input");
  all.checked = ticked === rows.length;
  all.indeterminate = ticked > 0 && ticked < rows.length;
}

function bind(all) {
  const form = all.closest("form");
  let last = null;
  all.hidden = false;
  all.querySelector("input").addEventListener("change", (event) => {
    for (const row of rowsOf(form)) row.checked = event.target.checked;
    tell(form);
  });
  form.addEventListener("click", (event) => {
    if (!event.target.matches("input[name=row]")) return;
    const rows = rowsOf(form);
    if (event.shiftKey && last) {
      const [from, to] = [rows.indexOf(last), rows.indexOf(event.target)].sort((one, other) => one - other);
      for (const row of rows.slice(from, to + 1)) row.checked = event.target.checked;
    }
    last = event.target;
    tell(form);
  });
  tell(form);
}

for (const all of document.querySelectorAll("[data-pick-all]")) bind(all);
// A page that comes back from the browser's memory has its ticks without any click.
window.addEventListener("pageshow", () => {
  for (const all of document.querySelectorAll("[data-pick-all]")) tell(all.closest("form"));
});
