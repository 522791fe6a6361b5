/** Words of the page, in its language: the server wrote them into data-texts. */
const bar = document.getElementById("patrol");
const texts = JSON.parse(bar?.dataset.texts ?? "{}");

export function say(name, values = {}) {
  return (texts[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

export function clockOf(moment) {
  const time = new Date(moment);
  const two = (number) => String(number).padStart(2, "0");
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  const isToday = time.toDateString() === new Date().toDateString();
  return isToday ? clock : `${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}

export function element(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") made.addEventListener("click", value);
    else made.setAttribute(name, value);
  }
  made.append(...inside.filter((part) => part !== "" && part !== null && part !== undefined));
  return made;
}

/** A button that does what cannot be undone: the first press asks, the second does it. */
export function sureButton(label, question, act) {
  let asked = false;
  const button = element("button", { type: "button", class: "btn" }, label);
  button.addEventListener("click", () => {
    if (asked) return void act();
    asked = true;
    button.textContent = question;
    button.classList.add("btn-outline-danger");
    setTimeout(() => {
      asked = false;
      button.textContent = label;
      button.classList.remove("btn-outline-danger");
    }, 6000);
  });
  return button;
}
