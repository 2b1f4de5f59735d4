// The register of all groups: filters, rows in parts, details in place, keys.
const PAGE = () => (matchMedia("(max-width:700px)").matches ? 20 : 60);
let state = {};
let shown = PAGE();
const rows = document.getElementById("rows");

function hasChange(group, change) {
  if (change === "fixed") return (group.more.fixed || []).some((rule) => !state.rule || rule === state.rule);
  return group.findings.some((finding) => finding.ch === change && (!state.rule || rulesOf(finding).includes(state.rule)));
}

function fits(group) {
  const {q, st, r, rule, ch, sev, cause} = state;
  if (q && !q.toLowerCase().split(/\s+/).every((word) => haystack(group).includes(word))) return false;
  if (r && group.region !== r) return false;
  if (st && st !== "all" && group.status !== st && !(rule && group.findings.some((f) => f.st === st && rulesOf(f).includes(rule)))) return false;
  if (ch && !hasChange(group, ch)) return false;
  if (rule && ch !== "fixed" && !group.findings.some((finding) => rulesOf(finding).includes(rule))) return false;
  if (sev && !group.findings.some((finding) => finding.sev === sev)) return false;
  if (cause && !causes[Number(cause)].has(group.key)) return false;
  return true;
}

const filtered = () => ["q", "st", "r", "rule", "ch", "sev", "cause"].some((key) => state[key]);
const ORDER = {fail: 0, unknown: 1, held: 2, warning: 3, good: 4};

function chosen() {
  const look = groups.some((group) => NEEDS_LOOK.has(group.status));
  const found = groups.filter((group) => (filtered() ? fits(group) : !look || NEEDS_LOOK.has(group.status)));
  const open = state.g && byKey.get(state.g);
  if (open && !found.includes(open)) found.unshift(open);
  return found.sort((a, b) => ORDER[a.status] - ORDER[b.status]);
}

function drawRows() {
  const held = document.activeElement && document.activeElement.id;
  const form = document.activeElement && document.activeElement.dataset && document.activeElement.dataset.form;
  const found = chosen();
  const at = state.g ? found.findIndex((group) => group.key === state.g) : -1;
  const until = Math.max(shown, at + 1);
  rows.replaceChildren(...found.slice(0, until).map((group) => groupRow(group, group.key === state.g, toggle, drawRows)));
  if (!found.length) rows.append(h("p", {class: "none"}, T("noGroup")));
  if (found.length > until) {
    const next = Math.min(120, found.length - until);
    rows.append(h("button", {type: "button", class: "btn more", onclick: () => { shown = until + next; drawRows(); focusRow(until); }}, T("more", {n: number(next)})));
  }
  const count = document.getElementById("count");
  const words = T("shown", {shown: number(Math.min(until, found.length)), n: found.length});
  const cause = state.cause ? ` · ${T("cause")}` : "";
  if (count.textContent !== words + cause) count.textContent = words + cause;
  document.getElementById("clear").replaceChildren(filtered()
    ? h("button", {type: "button", class: "btn", onclick: () => { change({}, true); document.getElementById("q").value = ""; }}, T("clear")) : "");
  const again = form !== undefined && form !== null ? rows.querySelector(`.open [data-form="${form}"]`) : held && document.getElementById(held);
  if (again) again.focus({preventScroll: true});
}

function focusRow(at) {
  const all = rows.querySelectorAll(".row");
  if (all[at]) all[at].focus();
}

function toggle(group) {
  state = {...state, g: state.g === group.key ? "" : group.key};
  writeHash(state, Boolean(state.g));
  drawRows();
}

function change(next, add) {
  state = next;
  shown = PAGE();
  writeHash(state, add);
  drawTools();
  drawRows();
}

function select(key, label, options) {
  const id = `f-${key}`;
  return h("div", null, h("label", {for: id}, label),
    h("select", {id, onchange: (event) => change({...state, [key]: event.target.value, g: ""}, false)},
      options.map(([value, words]) => h("option", {value, selected: (state[key] || "") === value}, words))));
}

function drawTools() {
  const held = document.activeElement && document.activeElement.id;
  const regions = [...new Set(groups.map((group) => group.region))];
  const rules = [...new Set(groups.flatMap((group) => [...group.findings.flatMap(rulesOf), ...(group.more.fixed || [])]))].sort();
  document.getElementById("tools").replaceChildren(
    select("st", T("status"), [["", T("look")], ["all", T("any")], ...["fail", "unknown", "held", "warning", "good"].map((each) => [each, T(each)])]),
    select("r", T("region"), [["", T("any")], ...regions.map((each) => [each, each])]),
    select("rule", T("rule"), [["", T("any")], ...rules.map((each) => [each, each])]),
    select("ch", T("change"), [["", T("any")], ...CHOICES.ch.map((each) => [each, T(each)])]));
  if (held && held.startsWith("f-")) document.getElementById(held).focus({preventScroll: true});
}

function walk(event) {
  const all = [...rows.querySelectorAll(".row")];
  const at = all.indexOf(event.target);
  if (event.key === "Escape" && state.g) {
    const open = rows.querySelector(".open .row");
    toggle(byKey.get(state.g));
    if (open) document.getElementById(open.id).focus();
    return;
  }
  const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1}[event.key];
  if (at < 0 || to === undefined || !all[to]) return;
  event.preventDefault();
  all[to].focus();
}
