// The page's data: lines that were written short become objects with names.
const data = JSON.parse(document.getElementById("data").textContent);
const NEEDS_LOOK = new Set(["fail", "unknown", "held", "warning"]);
const MARK = /\ue000(.)/g;

function wayOf([id, address, prefix, gateway, rest = {}]) {
  return {
    id: `eip-${id}`, address, prefix, gateway, rest,
    links: rest.l || "pppp", refused: rest.refused || "", blockedBy: rest.rule || "", member: !rest.out,
    status: rest.st || "InUse", change: rest.ch || "", since: rest.since || data.at,
  };
}

// Puts a group's own ids, addresses and names back into a sentence that many groups share.
function speaker(group) {
  const own = [group.region, group.name, group.eni, group.instance,
    ...group.ways.flatMap((way) => [way.id, way.address])];
  return (place) => (place === undefined || place === "" ? "" :
    data.names[place].replace(MARK, (_, mark) => own[mark.charCodeAt(0) - 48]));
}

function planOf([steps, waits, onlyIf, seconds, away], ways, said) {
  return {
    steps: steps.map(([title, calls, time]) => ({title: said(title), calls: calls.map(said), seconds: time})),
    waits: said(waits), onlyIf, seconds,
    away: away.map(([at, from, to]) => ({address: ways[at].address, from, to})),
  };
}

// What only a group that is looked at needs is made when it is asked for.
function spoken(group) {
  const {more, ways} = group;
  const said = speaker(group);
  for (const way of ways) {
    way.why = said(way.rest.why);
    way.reply = way.rest.by === undefined ? null :
      {dev: way.rest.dev, via: way.rest.via, by: said(way.rest.by), source: way.rest.src};
  }
  group.findings = (more.f || []).map((finding) => ({
    ...finding, msg: said(finding.msg), short: said(finding.short), cmd: finding.cmd.map(said)}));
  group.exempt = (more.x || []).map(([rule, message, by]) => ({rule, message: said(message), by}));
  group.waits = more.waits ? {who: more.waits[0], text: said(more.waits[1])} : null;
  group.plan = more.apply ? planOf(more.apply, ways, said) : null;
  group.unread = Object.entries(more.unread || {}).map(([reading, reason]) => [reading, said(reason)]);
}

function groupOf([name, region, status, eni, mac, ip, instance, type, manager, dev, ways, more = {}]) {
  const found = ways.map(wayOf);
  const all = data.names;
  const group = {
    name, region: all[region], status: all[status], eni, mac, ip, instance, type: all[type],
    manager: all[manager], dev: all[dev] || "", ways: found, more,
    key: `${all[region]}/${name}`,
    members: found.filter((way) => way.member).length,
    tags: (more.tags || []).map(([tag, value, on, since]) => ({tag, value, on, since})),
  };
  // Nobody wants the EIPs of a group to answer that its own tag wants undone.
  const undone = group.tags.some(({tag, value}) => tag === "hold" && value === "release");
  group.silent = undone ? 0 : found.filter((way) => way.member && way.links.includes("f")).length;
  spoken(group);
  return group;
}

const groups = data.groups.map(groupOf);
const byKey = new Map(groups.map((group) => [group.key, group]));
const causes = data.causes.map((keys) => new Set(keys));

// All rules that a finding stands for: equal sentences of several rules are one finding.
const rulesOf = (finding) => [finding.rule, ...(finding.also || [])];
const titleOf = (rule) => (data.rules[rule] || [rule])[0];

// What a search looks through, made when the first search comes.
function haystack(group) {
  if (!group.hay) {
    const ids = group.ways.flatMap((way) => [way.id, way.address, way.gateway || ""]);
    const more = [...(group.more.enis || []), ...(group.more.insts || []), ...(group.more.stale || [])];
    group.hay = [group.name, group.eni, group.instance, group.mac, group.ip, ...ids, ...more]
      .join(" ").toLowerCase();
  }
  return group.hay;
}
