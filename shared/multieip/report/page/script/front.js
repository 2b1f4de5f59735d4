// What the front gets from the script: folded tables, sections that shut on a phone, copies, strips.
const FOLDED_ON_PHONE = ["beside", "tags", "ages", "closed"];

function fold(table) {
  const most = Number(table.dataset.fold);
  const lines = [...table.tBodies[0].rows];
  if (lines.length <= most + 1) return;
  const button = h("button", {type: "button", class: "btn more", "aria-expanded": "false"});
  const set = (open) => {
    lines.slice(most).forEach((line) => { line.hidden = !open; });
    button.setAttribute("aria-expanded", String(open));
    button.replaceChildren(open ? T("fewer") : T("showAll", {n: number(lines.length)}));
  };
  button.addEventListener("click", () => set(button.getAttribute("aria-expanded") !== "true"));
  button.redraw = () => set(button.getAttribute("aria-expanded") === "true");
  table.after(button);
  set(false);
}

function strips() {
  const letters = {pass: "p", fail: "f", unknown: "u", unreached: "n"};
  for (const place of document.querySelectorAll("[data-links]")) {
    place.replaceChildren(stripOf(place.dataset.links.split(" ").map((link) => letters[link]).join("")));
  }
}

function units() {
  for (const place of document.querySelectorAll("[data-units]")) place.replaceChildren(unitsOf(place.dataset.units));
}

// On a phone, what is slow to change begins shut; its heading is a button.
function shutSections() {
  for (const id of FOLDED_ON_PHONE) {
    const head = document.getElementById(id);
    const section = head.closest("section");
    const button = h("button", {type: "button", "aria-expanded": "false"});
    button.append(...head.childNodes);
    head.append(button);
    section.classList.add("shut");
    button.addEventListener("click", () => openSection(section, section.classList.contains("shut")));
  }
}

function openSection(section, open) {
  section.classList.toggle("shut", !open);
  const button = section.querySelector("h2 button");
  if (button) button.setAttribute("aria-expanded", String(open));
}

function openSectionOf(id) {
  const head = id && document.getElementById(id);
  const section = head && head.closest("section.shut");
  if (section) openSection(section, true);
}

function copies() {
  for (const box of document.querySelectorAll("main .cmd")) {
    if (!box.querySelector(".btn")) box.append(copyButton(() => box.querySelector("pre").textContent));
  }
}

function theme(name) {
  if (root.dataset.theme === name) delete root.dataset.theme;
  else root.dataset.theme = name;
  for (const button of document.querySelectorAll("[data-theme-to]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeTo === root.dataset.theme));
  }
}

function language(name) {
  root.lang = name === "zh" ? "zh-Hans" : "en";
  for (const button of document.querySelectorAll("[data-lang]")) {
    button.setAttribute("aria-pressed", String(button.dataset.lang === name));
  }
  sparkline();
  for (const box of document.querySelectorAll("main .cmd .btn")) box.textContent = T("copy");
  for (const button of document.querySelectorAll("table + .more")) button.redraw();
  units();
  drawTools();
  drawRows();
}
