// Begin: the front is there already, and has been painted.

function follow(first) {
  const next = readHash();
  const target = !location.hash.includes("=") && location.hash.slice(1);
  openSectionOf(target);
  if (target) {
    if (first) { drawTools(); drawRows(); }
    return;
  }
  if (!first) {
    state = next;
    shown = PAGE();
  }
  document.getElementById("q").value = state.q || "";
  drawTools();
  drawRows();
  if (!Object.keys(state).length) return;
  const open = state.g && rows.querySelector(".open");
  (open || document.getElementById("groups")).scrollIntoView({block: "start", behavior: "instant"});
  const row = open && open.querySelector(".row");
  if (row) row.focus({preventScroll: true});
}

function listen() {
  const search = document.getElementById("q");
  search.addEventListener("input", () => change({...state, q: search.value.trim(), g: ""}, false));
  document.getElementById("find").addEventListener("submit", (event) => {
    event.preventDefault();
    document.getElementById("groups").scrollIntoView({block: "start"});
    focusRow(0);
  });
  document.getElementById("tools").addEventListener("submit", (event) => event.preventDefault());
  rows.addEventListener("keydown", walk);
  addEventListener("hashchange", () => follow(false));
  document.getElementById("print").addEventListener("click", () => print());
  addEventListener("beforeprint", () => { for (const part of document.querySelectorAll(".facts-of")) part.open = true; });
  for (const button of document.querySelectorAll("[data-lang]")) button.addEventListener("click", () => language(button.dataset.lang));
  for (const button of document.querySelectorAll("[data-theme-to]")) button.addEventListener("click", () => theme(button.dataset.themeTo));
}

state = readHash();
sparkline();
strips();
document.querySelectorAll("table[data-fold]").forEach(fold);
if (matchMedia("(max-width:700px)").matches) shutSections();
copies();
listen();
units();
follow(true);
root.classList.add("ready");
