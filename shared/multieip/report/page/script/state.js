// What is chosen lives in the address, so that a link carries it; what makes no sense there is left out.
const CHOICES = {st: ["fail", "unknown", "held", "warning", "good", "all"], ch: ["new", "still", "fixed", "first"], sev: ["error", "warning"]};
const KEYS = ["q", "st", "r", "rule", "ch", "sev", "cause", "g"];

function readHash() {
  const state = {};
  const raw = location.hash.slice(1);
  if (!raw.includes("=")) return state;
  for (const part of raw.split("&")) {
    const at = part.indexOf("=");
    const key = part.slice(0, at);
    let value;
    try { value = decodeURIComponent(part.slice(at + 1)); } catch { continue; }
    if (!KEYS.includes(key) || !value) continue;
    if (CHOICES[key] && !CHOICES[key].includes(value)) continue;
    if (key === "cause" && !causes[Number(value)]) continue;
    if (key === "g" && !byKey.has(value)) continue;
    state[key] = value;
  }
  return state;
}

const hashOf = (state) => KEYS.filter((key) => state[key])
  .map((key) => `${key}=${key === "g" ? state[key].split("/").map(encodeURIComponent).join("/") : encodeURIComponent(state[key])}`).join("&");

function writeHash(state, add) {
  const hash = hashOf(state);
  const address = `${location.pathname}${location.search}${hash ? `#${hash}` : "#groups"}`;
  history[add ? "pushState" : "replaceState"](null, "", address);
}
