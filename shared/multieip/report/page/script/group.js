// A group in the register: one row, and what is behind it when it is opened.
function summaryOf(group) {
  const first = group.findings[0];
  const silent = group.silent ? T("silent", {n: group.silent, all: group.members}) : "";
  if (first) {
    const mark = first.ch === "new" || first.ch === "first" ? [h("b", {class: "new"}, T(first.ch)), " "] : "";
    return [mark, h("span", {lang: "en"}, first.short), silent ? h("span", {class: "m"}, ` · ${silent}`) : ""];
  }
  if (silent) return [h("span", {class: "m"}, silent)];
  const hold = group.tags.find((tag) => tag.tag === "hold");
  if (hold) return [hold.value];
  return [h("span", {class: "m"}, T("allAnswer", {n: group.members}))];
}

function leadOf(group) {
  const waits = group.waits;
  const hold = group.tags.find((tag) => tag.tag === "hold");
  if (hold) return [h("b", null, `${T("holdLead")} `), `${data.prefix}hold=${hold.value}. `, h("span", {lang: "en"}, waits ? waits.text : "")];
  if (waits) return [h("b", null, `${T(waits.who === "person" ? "waits" : "passes")} `), h("span", {lang: "en"}, waits.text)];
  return [T(group.status === "good" ? "goodLead" : "canMend")];
}

function detail(group, redraw) {
  const link = h("button", {type: "button", class: "btn"}, T("link"));
  link.addEventListener("click", () => copyText(`${location.href.split("#")[0]}#g=${encodeURIComponent(group.region)}/${encodeURIComponent(group.name)}`, link));
  const narrow = document.getElementById("rows").clientWidth < 620;
  const fixed = group.more.fixed ? h("p", {class: "s fix"}, T("fixedLine", {rules: group.more.fixed.join(", ")})) : "";
  return h("div", {class: "det"},
    h("div", {class: "dl"}, h("p", null, leadOf(group)), link), fixed,
    group.ways.length ? h("figure", null, narrow ? stacked(group) : drawing(group)) : "",
    group.ways.length ? replyTable(group) : "",
    findingsPart(group, redraw), applyPart(group), factsPart(group));
}

function groupRow(group, open, toggle, redraw) {
  const id = `g-${groups.indexOf(group)}`;
  const button = h("button", {type: "button", class: "row", id, "aria-expanded": String(open), "aria-controls": open ? `${id}-d` : null, onclick: () => toggle(group)},
    glyph(group.status), h("span", {class: "nm"}, group.name, h("span", {class: "vh"}, `, ${T(group.status)}`)),
    h("span", {class: "rg m"}, group.region), h("span", {class: "sm"}, summaryOf(group)),
    h("span", {class: "strip"}, stripOf(worstLinks(group))));
  const row = h("div", {class: open ? "grp-row open" : "grp-row", "data-key": group.key}, h("h3", null, button));
  if (open) {
    const inside = detail(group, redraw);
    inside.id = `${id}-d`;
    row.append(inside);
  }
  return row;
}
