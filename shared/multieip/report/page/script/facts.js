// Each fact of a group with who said it.
function factsOf(group) {
  const more = group.more;
  const guest = more.sim ? T("simulated") : T("guest");
  const known = [
    ["ENI", [group.eni, group.mac, group.ip].filter(Boolean).join(", "), T("cloud")],
    [T("instance"), [group.instance, group.type, more.ist || "Running"].filter(Boolean).join(", "), T("cloud")],
    ...group.ways.map((way) => ["EIP", `${way.id}, ${way.address}${way.prefix === null ? "" : `/${way.prefix}`}, ${T("gateway")} ${way.gateway || "?"}, ${way.status}`, T("cloud")]),
    [T("interface"), group.dev, guest],
    [T("manager"), group.manager, guest],
    [T("dhcpOff"), more.dhcp || (group.dev ? "yes" : ""), guest],
    [T("untilReboot"), more.temp ? group.dev : "", guest],
    ...(more.stale || []).map((address) => [T("stale"), address, guest]),
    ...group.tags.map((tag) => [T("tag"), `${data.prefix}${tag.tag}=${tag.value}, ${tag.on}, ${T("seenSince", {day: dayOf(tag.since)})}`, T("cloud")]),
    ...group.ways.filter((way) => way.refused).map((way) => [way.address, T("refused", {code: way.refused}), T("cloud")]),
    group.plan && group.plan.steps.length ? [T("expectedSeconds"), `${seconds(group.plan.seconds)} s`, T("assumed")] : ["", "", ""],
    ...group.unread.map(([reading, reason]) => [T("unread"), `${reading}: ${reason}`, ""]),
  ];
  return known.filter(([, value]) => value);
}

function factsPart(group) {
  return h("details", {class: "facts-of"}, h("summary", null, T("facts")),
    h("dl", {class: "facts"}, factsOf(group).flatMap(([name, value, source]) => [
      h("dt", null, name), h("dd", null, h("span", {class: "v"}, value), source ? h("span", {class: "m"}, ` · ${source}`) : "")])));
}
