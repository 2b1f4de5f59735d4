# Reads what ip prints into tables. Numbers are asked for (-N); where a tool has names only, the
# usual ones are translated, and rt_tables gives the rest. Promises: a line that is not understood
# is a fault that is said, never a line that is not there.
# The text comes in sections, each begun by a line "@name"; the last is "@end".
BEGIN {
  split("unicast local broadcast anycast multicast blackhole unreachable prohibit throw nat", type_names, " ")
  for (at in type_names) type_of[type_names[at]] = type_of[at] = type_names[at]
  table_of["main"] = 254; table_of["local"] = 255; table_of["default"] = 253
  host_bits[32] = 1
  for (at = 31; at >= 0; at--) host_bits[at] = host_bits[at + 1] * 2
  count = split(ENVIRON["multieip"], lines, "\n")
  for (line = 1; line <= count; line++) { $0 = lines[line]; take_line() }
}
{ take_line() }

# take_line: one line of a section. The text is in the environment where it fits there, which spares two processes.
function take_line() {
  if (/^@/) section = substr($0, 2)
  else if (mode == "data") take_data()
  else if (section == "want") read_want()
  else if (section == "state") read_state()
  else if (section == "link") read_link()
  else if (section == "addr") read_addr($0)
  else if (section == "rule") read_rule()
  else if (section == "route") read_route()
  else if (section == "neigh") read_neigh()
  else if (section == "get") read_get()
  else if (section == "old_addr") old_addr[++old_addrs] = $0
  else if (section == "old_route") old_route[++old_routes] = $0
  else if (section == "tables" && $1 ~ /^[0-9]+$/) table_of[$2] = $1
}

function fault(text) { faults = faults (faults ? "; " : "") text }

function number_of(ip,   part) {
  return split(ip, part, ".") == 4 ? ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4] : -1
}

function dotted(number,   text, at) {
  for (at = 0; at < 4; at++) { text = number % 256 (at ? "." : "") text; number = int(number / 256) }
  return text
}

function net_of(number, length_) { return number - number % host_bits[length_] }

# length_of PREFIX: what stands behind the slash, 32 without one, 0 for default.
function length_of(prefix) {
  if (prefix == "default" || prefix == "all" || prefix == "0/0") return 0
  return prefix ~ /\// ? substr(prefix, index(prefix, "/") + 1) + 0 : 32
}

function first_of(prefix) {
  sub(/\/.*/, "", prefix)
  return prefix ~ /^[0-9]+\./ ? number_of(prefix) : 0
}

# covers PREFIX IP: whether the address lies in it.
function covers(prefix, ip,   bits) {
  bits = length_of(prefix)
  return net_of(first_of(prefix), bits) == net_of(number_of(ip), bits)
}

function read_want() {
  if ($1 == "nic") nic_of_line = $2
  if ($1 != "eip" || nic_of_line != mac) return
  want_ip[++wants] = $2; want_length[$2] = $3; want_gateway[$2] = $4; want_word[$2] = $5
}

function read_state() {
  if ($1 == "private") { private_net = $2; private_gateway = $3 }
  if ($1 != "eip" && $1 != "gone") return
  # What was to be released and never was there has no number.
  if ($5) { slot_of[$2] = $5; slot_used[$5] = 1 }
  had[$2] = $1
  had_ip[++hads] = $2; had_length[$2] = $3; had_gateway[$2] = $4; had_word[$2] = $6
}

# Children such as VLANs, and bridges and bonds, may have the MAC of the interface; only a NIC counts.
# What somebody wrote into an alias stands last and is not looked at.
function read_link(   seg, head, name, kind, count) {
  count = split($0, seg, "\\")
  if (count < 2 || $1 !~ /^[0-9]+:$/) { fault("ip link: " substr($0, 1, 80)); return }
  links++
  name = $2; sub(/:$/, "", name)
  kind = name; sub(/@.*/, "", kind); link_index[kind] = $1 + 0
  split(seg[2], head, " ")
  if (head[1] ~ /ether/) link_mac[kind] = head[2]
  if (head[1] !~ /^link\// || head[2] != mac) return
  if (name ~ /@/ && name !~ /@if[0-9]+$/ && seg[3] !~ /^ +veth /) return
  sub(/@.*/, "", name)
  if (seg[3] ~ /^ +(bridge|bond|team|macvlan|macvtap|ipvlan|vlan|dummy|vxlan|tun|vrf) ?/) return
  if (device && seg[1] !~ / master /) return
  device = name; device_index = $1 + 0
  up = seg[1] ~ /[<,]UP[,>]/
  carrier = seg[1] ~ /LOWER_UP/ && seg[1] !~ /NO-CARRIER/
  master = ""
  if (seg[1] ~ / master /) { master = seg[1]; sub(/.* master /, "", master); sub(/ .*/, "", master) }
}

# An address: field 2 is the interface, field 4 the address; the label stands last and may hold anything.
function read_addr(line,   cut, word, count, at, ip) {
  cut = index(line, "\\"); if (cut) line = substr(line, 1, cut - 1)
  count = split(line, word, " ")
  if (word[3] != "inet") { if (word[3] != "inet6") fault("ip addr: " substr(line, 1, 80)); return }
  ip = word[4]; sub(/\/.*/, "", ip)
  addrs++
  addr_dev[addrs] = word[2]; addr_ip[addrs] = ip; addr_length[addrs] = length_of(word[4])
  addr_label[addrs] = word[count]
  # Flags are looked for before the label only, which is never the fifth word.
  for (at = 5; at < count; at++) {
    if (word[at] == "dynamic") addr_dynamic[addrs] = 1
    if (word[at] == "noprefixroute") addr_plain[addrs] = 1
    if (word[at] == "peer") addr_length[addrs] = 32
  }
}

function read_rule(   at, word, from, to, table, action, others, suppress) {
  if ($1 !~ /^[0-9]+:$/) { fault("ip rule: " substr($0, 1, 80)); return }
  rules++
  from = "all"; action = "lookup"; suppress = -1
  for (at = 2; at <= NF; at++) {
    word = $at
    if (word == "from") from = $(++at)
    else if (word == "to") to = $(++at)
    else if (word == "lookup") table = $(++at)
    else if (word == "proto" || word == "protocol") at++
    else if (word == "suppress_prefixlength") suppress = $(++at) + 0
    else if (word == "goto") { action = "goto"; table = $(++at) }
    else if (word == "nop") action = word
    else if (word in type_of) action = type_of[word]
    else if (word == "[detached]" || word == "[unresolved]") continue
    else if (word == "not") others = others " not"
    else { others = others " " word " " $(at + 1); at++ }
  }
  sub(/\/32$/, "", from)
  rule_pref[rules] = $1 + 0; rule_from[rules] = from; rule_to[rules] = to; rule_action[rules] = action
  rule_table[rules] = action == "lookup" && (table in table_of) ? table_of[table] : table
  rule_others[rules] = others; rule_suppress[rules] = suppress
  rule_text[rules] = $0; sub(/^[0-9]+:[ \t]*/, "", rule_text[rules]); sub(/ +$/, "", rule_text[rules])
  if (rule_pref[rules] <= front + local_pref) asked_table[rule_table[rules]] = 1
  if (action == "lookup" && rule_table[rules] == 255 && from == "all" && !to && !others) local_pref = $1 + 0
}

function read_route(   at, type, dest, via, dev, table, src, metric, word, key) {
  if (NF == 0) return
  type = "unicast"; at = 1; via = dev = src = "-"; table = 254; metric = 0
  if ($1 in type_of) { type = type_of[$1]; at = 2 }
  dest = $at
  if (dest != "default" && dest !~ /^[0-9]+(\.[0-9]+)*(\/[0-9]+)?$/) { fault("ip route: " substr($0, 1, 80)); return }
  sub(/\/32$/, "", dest)
  for (at++; at <= NF; at++) {
    word = $at
    if (word == "via") via = $(at + 1)
    else if (word == "dev") dev = $(at + 1)
    else if (word == "table") table = $(at + 1)
    else if (word == "src") src = $(at + 1)
    else if (word == "metric") metric = $(at + 1)
  }
  if (table in table_of) table = table_of[table]
  if (table == 255) return
  if (metric == -1) metric = "4294967295"
  if (type != "unicast") dev = "-"
  if (is_ours(table)) {
    key = table " " type " " dest " " via " " dev " " src " " metric
    ours[++our_routes] = key; ours_at[key] = 1
  } else if (table == 254) {
    if (type == "unicast" && dest == "default") { default_dev[dev] = 1; if (via != "-") default_via[++defaults] = dev " " via }
    if (type == "unicast" && dest != "default") { main_dest[++mains] = dest; main_dev[mains] = dev; main_via[mains] = via; main_src[mains] = src }
  }
  if (table in asked_table) {
    at = ++asked_count[table]
    asked_dest[table, at] = dest; asked_type[table, at] = type; asked_dev[table, at] = dev
  }
  if (mode == "undo" && dev == device) now_route[$0] = 1
}

function is_ours(table) { return table ~ /^[0-9]+$/ && table + 0 >= table_base && table + 0 < table_base + table_step }

function read_neigh() {
  if ($1 ~ /^[0-9]+\./ && $3 == device) neighbour[$1] = $NF
}

# read_get: where the kernel itself sends something: 192.0.2.1 from an address of ours, or from none.
function read_get(   at, from, via, dev) {
  for (at = 1; at <= NF; at++) {
    if ($at == "from") from = $(at + 1)
    if ($at == "via") via = $(at + 1)
    if ($at == "dev") dev = $(at + 1)
  }
  if ($1 == "192.0.2.1" && from) { got[from] = dev (via ? " " via : ""); return }
  if ($1 == "192.0.2.1") { default_out = dev; default_gate = via }
  if ($1 ~ /^100\.100\.100\.200/) service_out = dev
}
