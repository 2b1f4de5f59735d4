// Small pictures: a status by its shape, and the five places of an EIP's way in one strip.
const glyph = (status) => h("i", {class: `g g-${status}`, "aria-hidden": "true"});
const PLACES = [3, 24, 45, 66, 87];

function stripOf(links) {
  const picture = s("svg", {width: 92, height: 12, viewBox: "0 0 92 12", "aria-hidden": "true"});
  [...links].forEach((link, at) => {
    const [from, to] = [PLACES[at] + 3, PLACES[at + 1] - 3];
    const middle = (from + to) / 2;
    if (link === "f") {
      picture.append(
        s("path", {class: "l f", d: `M${middle - 3.5} 2.5l7 7m0-7l-7 7`}));
    } else {
      picture.append(s("path", {class: `l ${link}`, d: `M${from} 6H${to}`}));
      if (link === "u") picture.append(text(middle - 2.5, 4, "?", "f-unk", {"font-size": 8}));
    }
  });
  PLACES.forEach((x, at) => {
    const reached = at === 0 || links[at - 1] === "p";
    const kind = reached ? "" : links[at - 1] === "u" ? " u" : " n";
    picture.append(at === 1 || at === 2
      ? s("rect", {class: `dot${kind}`, x: x - 2.75, y: 3.25, width: 5.5, height: 5.5})
      : s("circle", {class: `dot${kind}`, cx: x, cy: 6, r: 2.5}));
  });
  return picture;
}

// The worst way of a group stands for it in the register.
function worstLinks(group) {
  const rank = (links) => (links.includes("f") ? links.indexOf("f") : links.includes("u") ? 4 : 9);
  return group.ways.map((way) => way.links).sort((a, b) => rank(a) - rank(b))[0] || "uuuu";
}

function linkWords(links) {
  const at = links.search(/[fu]/);
  return at < 0 ? T("every") : T(`link${at + 1}`);
}

// A region as marks, one for so many groups: what is wrong stands first.
function unitsOf(region) {
  const here = groups.filter((group) => group.region === region);
  const unit = Math.max(1, Math.ceil(here.length / 500));
  const picture = s("svg", {class: "units", width: 174, height: 40, viewBox: "0 0 174 40", role: "img",
    "aria-label": T("unit", {n: number(here.length), unit})});
  let at = 0;
  for (const status of ["fail", "unknown", "held", "warning", "good"]) {
    const marks = Math.ceil(here.filter((group) => group.status === status).length / unit);
    let path = "";
    for (let n = 0; n < marks; n += 1, at += 1) path += `M${Math.floor(at / 10) * 4} ${(at % 10) * 4}h3v3h-3z`;
    if (path) picture.append(s("path", {class: `u-${status}`, d: path}));
  }
  picture.setAttribute("height", String(Math.min(at, 10) * 4));
  picture.setAttribute("viewBox", `0 0 174 ${Math.max(4, Math.min(at, 10) * 4)}`);
  return picture;
}
