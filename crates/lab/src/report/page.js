"use strict";
// Search, order and links of the rows of all figures. What is asked stands in the address: #rows?q=…&verdict=…&figure=…&order=…&row=…
const data = JSON.parse(document.getElementById("data").textContent);
const words = ["verdict", "figure", "panel", "quantity", "theory_name", "claim", "label", "unit"];
const numbers = ["x", "theory", "simulation", "sem", "bias"];
const columns = ["verdict", "figure", "quantity", "label", ...numbers, "unit", "theory_name", "claim", "panel"];
const count = data.x.length;
const word = (name, row) => data[name].words[data[name].of[row]];
const cell = (name, row) => (data[name].words ? word(name, row) : data[name][row]);
const texts = Array.from({ length: count }, (_, row) => words.map((name) => word(name, row)).join(" ").toLowerCase());
// A row is linked by its key, which outlives other rows.
const key = (row) => ["figure", "panel", "quantity", "theory_name", "claim", "label", "x"].map((name) => cell(name, row)).join("|");

const form = document.getElementById("ask");
const table = document.getElementById("all");
const more = document.getElementById("more");
const step = 100;
let found = [];
let asked = new URLSearchParams();

for (const name of data.figure.words) form.elements.figure.add(new Option(name, name));
table.tHead.innerHTML = `<tr>${columns.map((name) => `<th><button type="button" data-name="${name}">${name}</button></th>`).join("")}</tr>`;

function show(from) {
  for (const row of found.slice(from, from + step)) {
    const line = table.tBodies[0].insertRow();
    line.className = word("verdict", row);
    if (asked.get("row") === key(row)) line.classList.add("marked");
    for (const name of columns) {
      const place = line.insertCell();
      const value = cell(name, row);
      if (name === "verdict") {
        const link = document.createElement("a");
        link.href = `#rows?row=${encodeURIComponent(key(row))}`;
        link.textContent = value;
        place.append(link);
      } else if (name === "figure") {
        const link = document.createElement("a");
        link.href = `#${value.replace("/", "-")}`;
        link.textContent = value;
        place.append(link);
      } else {
        place.textContent = value ?? "";
        if (!data[name].words) place.className = "number";
      }
    }
  }
  more.hidden = table.tBodies[0].rows.length >= found.length;
}

function ask() {
  const parts = (asked.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const [verdict, figure, row] = ["verdict", "figure", "row"].map((name) => asked.get(name));
  found = [];
  for (let k = 0; k < count; k++) {
    const kept = (!verdict || word("verdict", k) === verdict) && (!figure || word("figure", k) === figure) &&
      (!row || key(k) === row) && parts.every((part) => texts[k].includes(part));
    if (kept) found.push(k);
  }
  const order = asked.get("order") ?? "";
  const name = order.replace(/^-/, "");
  if (columns.includes(name)) {
    const sign = order.startsWith("-") ? -1 : 1;
    const compare = (a, b) => {
      const [x, y] = [cell(name, a), cell(name, b)];
      if (x === y) return a - b;
      // What is missing comes last.
      if (x === null || y === null) return x === null ? 1 : -1;
      return sign * (x < y ? -1 : 1);
    };
    found.sort(compare);
  }
  for (const button of table.tHead.querySelectorAll("button")) {
    const own = button.dataset.name === name;
    button.textContent = button.dataset.name + (own ? (order.startsWith("-") ? " ↓" : " ↑") : "");
  }
  form.querySelector("output").textContent = `${found.length} of ${count} rows`;
  form.querySelector("a").hidden = found.length === count;
  table.tBodies[0].replaceChildren();
  show(0);
}

function read() {
  const [place, rest] = location.hash.slice(1).split("?");
  if (place !== "rows" && asked.size === 0 && table.tBodies[0].rows.length > 0) return;
  if (place === "rows" || table.tBodies[0].rows.length === 0) {
    asked = new URLSearchParams(place === "rows" ? rest : "");
    for (const name of ["q", "verdict", "figure"]) form.elements[name].value = asked.get(name) ?? "";
    ask();
  }
  if (place === "rows" && rest !== undefined) document.getElementById("rows").scrollIntoView();
}

function write(change) {
  for (const [name, value] of Object.entries(change)) value ? asked.set(name, value) : asked.delete(name);
  asked.delete("row");
  history.replaceState(null, "", `#rows${asked.size ? `?${asked}` : ""}`);
  ask();
}

form.addEventListener("input", () => write(Object.fromEntries(new FormData(form))));
form.addEventListener("submit", (event) => event.preventDefault());
table.tHead.addEventListener("click", (event) => {
  const name = event.target.dataset?.name;
  if (name) write({ order: asked.get("order") === name ? `-${name}` : name });
});
more.addEventListener("click", () => show(table.tBodies[0].rows.length));
addEventListener("hashchange", read);
// On a phone contents come closed.
if (matchMedia("(max-width:67.9rem)").matches) document.querySelector("nav details").open = false;
read();
