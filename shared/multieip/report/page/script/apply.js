// What an apply would do: call by call, with the span in which each working EIP is away.
const seconds = (value) => (value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value)));

function span(from, to, whole, kind) {
  const scale = (value) => (value / whole) * 100;
  return s("svg", {width: "100%", height: 8, viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true"},
    s("path", {class: "axis", d: "M0 4H100"}),
    s("rect", {class: kind, x: scale(from), y: 1, width: Math.max(scale(to - from), 0.8), height: 6}));
}

// EIPs with the same span are one row; others have their own.
function awayRows(plan) {
  const rows = new Map();
  for (const each of plan.away) {
    const key = `${each.from}-${each.to}`;
    if (!rows.has(key)) rows.set(key, {from: each.from, to: each.to, addresses: []});
    rows.get(key).addresses.push(each.address);
  }
  return [...rows.values()];
}

function applyLead(plan) {
  const rows = awayRows(plan);
  const consent = plan.onlyIf ? h("b", {class: "s-warning"}, `${T("onlyIf", {tag: `${data.prefix}${plan.onlyIf}=allow`})} `) : "";
  const away = rows.length
    ? rows.map((row) => h("b", {class: "s-fail"}, T("away", {n: row.addresses.length, seconds: seconds(row.to - row.from)}), " "))
    : T("noneAway");
  return h("p", {class: "s"}, consent, T("steps", {n: plan.steps.length, seconds: seconds(plan.seconds)}), " ", away,
    plan.waits ? h("span", {lang: "en"}, ` ${T("thenWaits", {what: plan.waits})}`) : "");
}

function applyPart(group) {
  const plan = group.plan;
  if (!plan) return "";
  if (!plan.steps.length) {
    return h("div", null, h("h4", null, T("apply")), h("p", {class: "s"}, T("firstWaits", {what: plan.waits})));
  }
  let begun = 0;
  const steps = plan.steps.map((step, at) => {
    const from = begun;
    begun += step.seconds;
    return h("tr", null, h("td", null, `${at + 1}. ${step.title}`, step.calls.map((call) => h("code", null, call))),
      h("td", {class: "r"}, `${seconds(step.seconds)} s`), h("td", {class: "bar-cell"}, span(from, begun, plan.seconds, "stp")));
  });
  const away = awayRows(plan).map((row) => h("tr", {class: "away-row"},
    h("td", null, h("b", {class: "s-fail"}, T("awayRow"), " "), separated(row.addresses.map((address) => h("span", null, address)))),
    h("td", {class: "r"}, h("b", {class: "s-fail"}, `${seconds(row.to - row.from)} s`)),
    h("td", {class: "bar-cell"}, span(row.from, row.to, plan.seconds, "away"))));
  return h("div", null, h("h4", null, T("apply")), applyLead(plan),
    h("table", {class: "pl"}, h("thead", null, h("tr", null, h("th", {scope: "col"}, T("step")), h("th", {scope: "col", class: "r"}, T("seconds")), h("td"))),
      h("tbody", null, steps, away)));
}
