// One group as a drawing: EIPs left, ENI and instance as boxes joined by one attachment, gateways right.
const ROW = 30;
const HEAD = 110;
const JOIN = 82;
const shortId = (id) => (id.length > 17 ? `${id.slice(0, 8)}…${id.slice(-6)}` : id);
const cross = (x, y) => s("path", {class: "l f", d: `M${x - 4} ${y - 4}l8 8m0-8l-8 8`});

function edge(from, to, y, link) {
  const middle = (from + to) / 2;
  if (link === "f") {
    return [s("path", {class: "l f", d: `M${from} ${y}H${middle - 9}M${middle + 9} ${y}H${to}`}), cross(middle, y)];
  }
  const line = s("path", {class: `l ${link}`, d: `M${from} ${y}H${to}`});
  return link === "u" ? [line, text(middle - 3, y - 4, "?", "f-unk")] : [line];
}
const dot = (x, y, link = "p") => s("circle", {class: `dot ${link}`, cx: x, cy: y, r: 2.2});

// Which link of the group as a whole is the attachment: all its EIPs share it.
function attachment(group) {
  const known = group.ways.map((way) => way.links[1]).filter((link) => link !== "n");
  return known[0] || (group.more.on ? "f" : "p");
}

function heads(group) {
  const guest = group.more.sim ? T("simulated") : T("guest");
  const columns = [[0, "EIP", "cloud"], [145, T("bound"), "cloud"], [200, "ENI", "cloud"],
    [393, T("attached"), "cloud"], [455, T("instance"), "cloud"], [523, T("interface"), guest],
    [757, T("replies"), guest], [811, T("gateway"), "cloud"]];
  return columns.map(([x, name, source]) => [
    text(x, 10, name, "hd1"), text(x, 26, source === "cloud" ? T("cloud") : source, "hd2")]);
}

function insideWords(group, way) {
  const [, , shown, replies] = way.links;
  if (shown === "n" || shown === "f") return [T("notHere"), shown === "f" ? "f-fail" : "mu", ""];
  if (shown === "u") return [T("noAnswer"), "f-unk", ""];
  const dev = `${group.dev} /${way.prefix}`;
  return [dev, "", replies === "f" ? way.why : replies === "u" ? T("noAnswer") : T("ownTable")];
}

function drawRow(group, way, y, bus) {
  const [bound, , shown, replies] = way.links;
  const reachesEni = bound === "p";
  const inside = insideWords(group, way);
  const prefix = way.prefix === null ? "" : `/${way.prefix}`;
  const astray = replies === "f";
  return [
    text(0, y + 2, `${way.address}${prefix}`, "mo"), text(0, y + 13, shortId(way.id), "id"),
    way.member ? "" : text(209, y - 4, T("outside"), "f-fail", {"font-size": 10.5}),
    dot(128, y), edge(128, 200, y, bound), reachesEni ? dot(200, y) : "",
    reachesEni ? s("path", {class: "l bus", d: `M200 ${y}H371`}) : "",
    bus && reachesEni ? edge(471, 515, y, shown) : shown === "p" ? "" : s("path", {class: `l ${shown}`, d: `M471 ${y}H515`}),
    shown === "p" ? dot(515, y) : "",
    text(523, y + 4, inside[0], inside[1]), text(590, y + 4, inside[2], astray ? "f-fail" : "mu"),
    edge(741, 803, y, replies),
    replies === "p" ? s("path", {class: "f-ink", d: `M803 ${y - 3.5}l7 3.5l-7 3.5z`}) : "",
    text(813, y + 4, way.gateway || T("notKnown"), replies === "p" ? "mo" : "mo mu"),
  ];
}

// Two lines in a box; where several carry the group's tag, their ids.
function boxWords(x, id, detail, kind, several) {
  if (id || !several) return [text(x, 55, id || T("notKnown"), "mo"), text(x, 70, id ? detail : "", kind)];
  const more = several.length > 2 ? ` +${several.length - 2}` : "";
  return [text(x, 55, several[0], "mo f-fail"), text(x, 70, `${several[1]}${more}`, "mo f-fail")];
}

function drawBoxes(group, height, state) {
  const attached = state === "p";
  const instanceKind = group.instance ? "bx" : "bx q";
  const detail = [group.type, group.manager].filter(Boolean).join(", ");
  return [
    s("rect", {class: group.eni ? "bx" : "bx q", x: 200, y: 40, width: 184, height}),
    s("rect", {class: instanceKind, x: 447, y: 40, width: 294, height}),
    boxWords(209, group.eni, `${group.ip} ${T("private")}`, "mu", group.more.enis),
    boxWords(456, group.instance, detail + (group.more.ist ? ` · ${group.more.ist}` : ""), group.more.ist ? "f-fail" : "mu", group.more.insts),
    edge(384, 447, JOIN, state === "n" ? "f" : state),
    attached ? [dot(384, JOIN), dot(447, JOIN)] : "",
    state === "f" ? text(390, JOIN + 18, group.more.on && group.more.on !== "-" ? shortId(group.more.on) : T("detachedNow"), "f-fail", {"font-size": 10.5}) : "",
  ];
}

function drawAstray(group, ways) {
  const astray = ways.map((way, at) => [way, HEAD + at * ROW]).filter(([way]) => way.links[3] === "f");
  if (!astray.length) return "";
  const low = HEAD + ways.length * ROW;
  const main = group.more.main || {};
  const words = `${T("mainTable")}: ${main.dev || "?"}${main.via ? ` ${main.via}` : ""}`;
  return [
    s("path", {class: "l f", d: `M727 ${astray[0][1]}V${low}H800${astray.map(([, y]) => `M721 ${y}h6`).join("")}`}),
    s("path", {class: "f-fail", d: `M803 ${low - 3.5}l7 3.5l-7 3.5z`}),
    text(523, low + 4, words, "f-fail"), text(813, low + 4, T("dropped"), "f-fail")];
}

function drawing(group) {
  const ways = group.ways;
  const astray = ways.some((way) => way.links[3] === "f" && way.reply && way.reply.dev);
  const height = HEAD - 40 + ways.length * ROW + (astray ? 18 : -6);
  const state = attachment(group);
  const bound = ways.map((way, at) => [way, HEAD + at * ROW]).filter(([way]) => way.links[0] === "p");
  const last = bound.length ? bound[bound.length - 1][1] : 0;
  const bus = bound.length && state === "p";
  return s("svg", {viewBox: `0 0 925 ${height + 46}`, width: "100%", role: "img", "aria-label": drawingWords(group)},
    heads(group), drawBoxes(group, height, state),
    bound.length ? s("path", {class: "l bus", d: `M371 ${last}V${JOIN}H384`}) : "",
    bus ? s("path", {class: "l bus", d: `M447 ${JOIN}H461V${last}${bound.map(([, y]) => `M461 ${y}H471`).join("")}`}) : "",
    ways.map((way, at) => drawRow(group, way, HEAD + at * ROW, bus)),
    astray ? drawAstray(group, ways) : "");
}

// The same for a narrow screen: boxes one below the other, an EIP in a line.
function stacked(group) {
  const state = attachment(group);
  return h("div", {class: "stack", role: "group", "aria-label": drawingWords(group)},
    h("div", {class: "node"}, h("b", null, "ENI "), h("code", null, group.eni), ` ${group.ip}`),
    h("div", {class: `lnk ${state}`}, `${T("attached")}: ${state === "p" ? T("pass") : state === "u" ? T("notKnown") : T("detachedNow")}`),
    h("div", {class: group.instance ? "node" : "node q"}, h("b", null, `${T("instance")} `), h("code", null, group.instance || T("notKnown")),
      ` ${[group.type, group.manager, group.dev, group.more.ist].filter(Boolean).join(", ")}`),
    h("ul", null, group.ways.map((way) => h("li", null,
      h("span", {class: "strip"}, stripOf(way.links)),
      h("span", null, h("code", null, `${way.address}${way.prefix === null ? "" : `/${way.prefix}`} → ${way.gateway || "?"}`),
        way.links === "pppp" ? "" : h("span", {class: way.links.includes("f") ? "s-fail" : "unk"}, ` ${way.why}`),
        way.member ? "" : h("span", {class: "m"}, ` (${T("outside")})`))))));
}

function drawingWords(group) {
  const ways = group.ways.map((way) => `${way.address}: ${way.links === "pppp" ? T("every") : `${linkWords(way.links)}, ${way.why}`}`);
  return `${group.name}. ${group.eni}, ${group.instance}. ${ways.join("; ")}`;
}
