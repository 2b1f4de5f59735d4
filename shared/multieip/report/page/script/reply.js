// The way of a reply in words: EIPs of one way are one row.
function replyRow(group, way) {
  const at = way.links.search(/[fu]/);
  if (at < 0) return {link: T("every"), kind: "m", leaves: T("own", {dev: group.dev}), by: T("ownRule"), source: group.more.sim ? T("simulated") : T("guest")};
  const link = T(`link${at + 1}`);
  if (way.links[at] === "u") return {link, kind: "unk", leaves: T("notKnown"), by: way.why, source: ""};
  if (at < 3) return {link, kind: "s-fail", leaves: T("nothing", {link}), by: way.why, rule: way.blockedBy, source: ""};
  const reply = way.reply || {};
  const nowhere = !reply.dev && reply.source === "guest";
  const leaves = nowhere ? T("nowhere") : reply.dev ? `${reply.dev}${reply.via ? ` ${reply.via}` : ""}, ${T("forged")}` : T("notKnown");
  return {link, kind: "s-fail", leaves, by: reply.by || way.why, source: reply.source ? T(reply.source) : ""};
}

function replyTable(group) {
  const rows = new Map();
  for (const way of group.ways) {
    const row = replyRow(group, way);
    const key = JSON.stringify(row);
    if (!rows.has(key)) rows.set(key, {...row, ways: []});
    rows.get(key).ways.push(way);
  }
  const label = (en, key) => ({"data-l": en, "data-z": data.words[key][1]});
  return h("div", null, h("h4", null, T("way")),
    h("table", {class: "c"},
      h("thead", null, h("tr", null, ["EIP", T("linkCol"), T("leaves"), T("decided")].map((name) => h("th", {scope: "col"}, name)))),
      h("tbody", null, [...rows.values()].map((row) => h("tr", null,
        h("td", {class: "ip"}, separated(row.ways.map((way) => h("code", null, way.address)))),
        h("td", {class: row.kind, ...label("Link", "linkCol")}, h("span", null, row.link)),
        h("td", {class: row.kind === "s-fail" ? "s-fail" : null, ...label("Reply leaves by", "leaves")},
          h("span", null, row.kind === "m" ? [separated([...new Set(row.ways.map((way) => way.gateway))].map((gateway) => h("code", null, gateway || "?"))), `: ${row.leaves}`] : row.leaves)),
        h("td", label("Decided by", "decided"), h("span", null, row.by, row.rule ? [" (", ruleLink(row.rule), ")"] : "", row.source ? h("span", {class: "m s"}, ` (${row.source})`) : "")))))));
}
