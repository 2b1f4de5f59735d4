// Fourteen reports as two lines.
function sparkline() {
  const place = document.getElementById("spark");
  if (!place) return;
  const points = place.dataset.points.split(";").filter(Boolean).map((point) => point.split(","));
  const [width, height] = [124, 34];
  const most = Math.max(1, ...points.map((point) => Math.max(+point[1], +point[2])));
  const x = (at) => 4 + (at * (width - 8)) / (points.length - 1);
  const y = (value) => 16 + height - (value * height) / most;
  const path = (column) => points.map((point, at) => `${at ? "L" : "M"}${x(at)} ${y(+point[column])}`).join("");
  const last = points[points.length - 1];
  const top = points.reduce((best, point, at) => (+point[1] > +points[best][1] ? at : best), 0);
  const close = Math.abs(y(+last[1]) - y(+last[2])) < 13;
  const words = `${T("broken")}: ${points.map((point) => point[1]).join(", ")}`;
  const ends = [[+last[1], T("broken"), "b", "f-fail", close ? -7 : 0], [+last[2], T("undecided"), "u", "f-unk", close ? 7 : 0]];
  place.replaceChildren(s("svg", {width: 250, height: 72, viewBox: "0 0 250 72", role: "img", "aria-label": words},
    s("path", {class: "axis", d: `M4 ${y(0)}H${width - 4}`}),
    s("path", {class: "u", d: path(2)}), s("path", {class: "b", d: path(1)}),
    top < points.length - 1 && +points[top][1] ? text(x(top), y(+points[top][1]) - 4, points[top][1], "mu", {"text-anchor": "middle"}) : "",
    ends.map(([value, name, , fill, shift]) => [
      s("circle", {class: fill, cx: x(points.length - 1), cy: y(value), r: 3}),
      text(width + 5, y(value) + 4 + shift, `${number(value)} ${name}`, fill)]),
    text(0, 68, dayOf(points[0][0]), "mu"),
    text(width - 4, 68, dayOf(last[0]), "mu", {"text-anchor": "end"})));
}
