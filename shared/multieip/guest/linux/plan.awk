# Compares what should stand with what stands, for one interface. Promises: everything it wants done is a
# line for `ip -batch` about this interface or the tables of its block; nothing else is ever named in one.
# The answer is a shell's assignments: every value stands in quotes of its own.
END {
  if (mode == "data") { tell_data(); exit }
  if (section != "end") fault("no end")
  if (!links) fault("ip link: nothing")
  if (!rules) fault("ip rule: nothing")
  choose_set()
  find_private()
  expect()
  compare_routes()
  compare_rules()
  compare_addresses()
  if (mode == "undo") restore()
  if (mode != "keep") { look_for_conflicts(); judge() }
  give("conflict_text", clean(faults ? faults : conflicts))
  if (faults) exit
  give("device", device); give("index", device_index + 0); give("is_up", up + 0); give("has_private", private_there + 0)
  give("is_dynamic", private_dynamic + 0); give("master", master); give("bad_text", clean(bads))
  give("new_state", state_text()); give("gone_lines", gone_text)
  batch = dels["a"] adds["r"] dels[""] dels["t"] adds[""] adds["a"]
  give("batch_lines", batch); give("keep_lines", dels["t"] adds[""]); give("eip_lines", adds["a"]); give("drop_lines", drops)
  if (mode != "keep") { give("nic_json", json_text()) }
  # A roll-back does not ask where the machine's own packets leave: what the last look said stands.
  if (asked_kernel) give("route_out", quoted(default_out) " " quoted(default_gate) " " quoted(service_out) " " quoted(link_mac[service_out]))
  give("is_whole", "y")
}

function give(name, value) { gsub(/\047/, " ", value); print name "=\047" value "\047" }
# Addresses go first, then rules (""), then routes ("t"), so that nothing leaves by another way in between; a rule that
# moves ("r") stands at its new place before it goes at the old one.
function del(kind, line) { dels[kind] = dels[kind] line "\n" }
function add(kind, line) { adds[kind] = adds[kind] line "\n" }
function bad(text) { if (length(bads) < 320) bads = bads "@" text }
function our_tables() { return table_base "-" table_base + table_step - 1 }
function conflict(text) { conflicts = conflicts "@" text }

# Everything that is quoted in the answer passes here; no quote, backslash or control character is left.
function clean(text) {
  gsub(/["\\\001-\037\177-\377]/, " ", text)
  return length(text) > 400 ? substr(text, 1, 397) "..." : text
}

# The set: what must be there, and of what is only to be kept what we had; without data, what we had.
function choose_set(   at, ip) {
  if (mode == "check" || mode == "apply") {
    for (at = 1; at <= wants; at++) {
      ip = want_ip[at]
      if (want_word[ip] == "keep" && had[ip] != "eip") continue
      take(ip, want_length[ip], want_gateway[ip], want_word[ip])
    }
  } else if (mode != "release") {
    for (at = 1; at <= hads; at++)
      if (had[had_ip[at]] == "eip") take(had_ip[at], had_length[had_ip[at]], had_gateway[had_ip[at]], had_word[had_ip[at]])
  }
  for (at = 1; at <= hads; at++) goes(had_ip[at])
  # Without a state, what was asked to be released is what goes.
  if (mode == "release") for (at = 1; at <= wants; at++) {
    if (!(want_ip[at] in had)) { had_length[want_ip[at]] = want_length[want_ip[at]]; had_gateway[want_ip[at]] = want_gateway[want_ip[at]] }
    goes(want_ip[at])
  }
}

function take(ip, bits, gateway, word) {
  eip[++eips] = ip; eip_length[ip] = bits; eip_gateway[ip] = gateway; eip_word[ip] = word
  # An EIP keeps the number that it has; a new one takes the lowest that nobody has.
  if (!(ip in slot_of)) {
    slot = 1
    while (slot in slot_used) slot++
    slot_of[ip] = slot; slot_used[slot] = 1
  }
  table_for[ip] = table_base + slot_of[ip]
}

function goes(ip) {
  if (ip in eip_gateway || ip in going) return
  going[ip] = 1; gone[++gones] = ip
}

# The private address, its network and the gateway that DHCP gave for it. The ENI and the primary interface
# are often in one vSwitch, so the primary's gateway may serve.
function find_private(   at, net, part, key) {
  for (at = 1; at <= addrs; at++) {
    if (addr_dev[at] != device || addr_ip[at] != private) continue
    private_there = 1; private_dynamic = addr_dynamic[at] + 0
    net = dotted(net_of(number_of(private), addr_length[at])) "/" addr_length[at]
  }
  if (!net) return
  if (net != private_net) { private_net = net; private_gateway = "" }
  for (at = 1; at <= defaults; at++) {
    split(default_via[at], part, " ")
    if (covers(net, part[2]) && part[1] == device) { private_gateway = part[2]; return }
  }
  if (private_gateway && private_gateway != "-") return
  for (at = 1; at <= defaults; at++) {
    split(default_via[at], part, " ")
    if (covers(net, part[2])) private_gateway = part[2]
  }
}

function want_rule(pref, from, table) {
  rule_wanted[pref " " from " " table] = ++wanted_rules
  wanted_rule[wanted_rules] = pref " " from " " table
}

function want_route(table, type, dest, via, metric,   key) {
  key = table " " type " " dest " " via " " (type == "unicast" ? device : "-") " - " metric
  if (key in route_wanted) return
  route_wanted[key] = ++wanted_routes
  wanted_route[wanted_routes] = key
}

# One table for each EIP: its gateway on the link, everything by it, and an unreachable default that stays
# when the link goes. Networks of main on interfaces without a default route (containers, tunnels) leave it.
function want_table(table, gateway,   at) {
  want_route(table, "unreachable", "default", "-", "4294967295")
  # Where another interface is in the ENI's own network, that network still is the ENI's for its private address.
  for (at = 1; at <= throws; at++)
    if (table != table_base || throw_dest[at] != private_net) want_route(table, "throw", throw_dest[at], "-", 0)
  if (!device) return
  want_route(table, "unicast", gateway == private_gateway && table == table_base ? private_net : gateway, "-", 0)
  want_route(table, "unicast", "default", gateway, 0)
}

function expect(   at, ip) {
  rule_at = front > local_pref ? front : local_pref
  for (at = 1; at <= mains; at++) {
    if (main_dev[at] == "-" || main_dev[at] == device || main_dev[at] in default_dev) continue
    if (length_of(main_dest[at]) < 8 || main_dest[at] in thrown) continue
    thrown[main_dest[at]] = 1; throw_dest[++throws] = main_dest[at]
  }
  if (!eips) return
  if (private_gateway && private_gateway != "-") {
    want_rule(rule_base + 200, private, table_base)
    want_table(table_base, private_gateway)
  }
  for (at = 1; at <= eips; at++) {
    ip = eip[at]
    want_rule(rule_at, ip, table_for[ip])
    want_table(table_for[ip], eip_gateway[ip])
  }
}

# Where an address of ours stands: `here` is its place in the list, 0 when it is not on the interface.
function place_of(ip,   at, found) {
  for (at = 1; at <= addrs; at++) if (addr_ip[at] == ip && addr_dev[at] == device) found = at
  return found + 0
}

function has_prefix_route(ip, bits,   at, net) {
  net = dotted(net_of(number_of(ip), bits)) "/" bits
  for (at = 1; at <= mains; at++)
    if (main_dest[at] == net && main_dev[at] == device && main_via[at] == "-" && main_src[at] == ip) return net
  return ""
}

function compare_addresses(   at, ip, found, label, net) {
  if (!device) return
  for (at = 1; at <= gones; at++) {
    found = place_of(gone[at])
    if (found) del("a", "addr del " gone[at] "/" addr_length[found] " dev " device)
  }
  for (at = 1; at <= eips; at++) {
    ip = eip[at]; found = place_of(ip); here[ip] = found
    net = found ? has_prefix_route(ip, addr_length[found]) : ""
    if (found && addr_length[found] == eip_length[ip] && (addr_plain[found] || features !~ /n/)) {
      if (net && mode != "keep") del("", "route del " net " dev " device " src " ip " table 254")
      continue
    }
    if (found && mode == "keep") continue
    if (found) del("a", "addr del " ip "/" addr_length[found] " dev " device)
    label = device ":e" slot_of[ip]
    add("a", "addr add " ip "/" eip_length[ip] " brd + dev " device (length(label) <= 15 ? " label " label : "") (features ~ /n/ ? " noprefixroute" : ""))
    if (features !~ /n/)
      add("a", "route del " dotted(net_of(number_of(ip), eip_length[ip])) "/" eip_length[ip] " dev " device " src " ip " table 254")
  }
  if (mode == "keep") for (at = 1; at <= eips; at++)
    if (here[eip[at]]) drops = drops "addr del " eip[at] "/" addr_length[here[eip[at]]] " dev " device "\n"
}

function compare_rules(   at, key) {
  for (at = 1; at <= rules; at++) {
    if (rule_action[at] != "lookup" || !is_ours(rule_table[at])) continue
    key = rule_pref[at] " " rule_from[at] " " rule_table[at]
    if (!rule_others[at] && !rule_to[at] && rule_suppress[at] < 0) {
      if (key in rule_wanted && !(key in rule_there)) { rule_there[key] = at; continue }
      if (is_own(rule_from[at])) {
        if (mode != "keep") {
          del("", "rule del pref " rule_pref[at] " from " rule_from[at] " lookup " rule_table[at])
          moves[rule_from[at] " " rule_table[at]] = "r"
        }
        continue
      }
    }
    if (mode != "keep") conflict("rule|" rule_pref[at] "|" rule_text[at] "|" rule_table[at] "|" our_tables())
  }
  for (at = 1; at <= wanted_rules; at++) {
    if (wanted_rule[at] in rule_there) continue
    split(wanted_rule[at], word, " ")
    no_rule[word[2]] = 1
    add(moves[word[2] " " word[3]], "rule add pref " word[1] " from " word[2] " lookup " word[3] (features ~ /p/ ? " protocol kernel" : ""))
  }
}

function is_own(from) { return from == private || from in eip_gateway || from in going || from in had }

function route_line(key,   word, line) {
  split(key, word, " ")
  line = (word[2] == "unicast" ? "" : word[2] " ") word[3]
  if (word[4] != "-") line = line " via " word[4]
  if (word[5] != "-") line = line " dev " word[5]
  if (word[6] != "-") line = line " src " word[6]
  if (word[7]) line = line " metric " word[7]
  return line " table " word[1]
}

function compare_routes(   at, key, word) {
  for (at = 1; at <= our_routes; at++) {
    key = ours[at]
    if (key in route_wanted) continue
    split(key, word, " ")
    if (word[5] != "-" && word[5] != device && device) {
      if (mode != "keep") conflict("route|" word[1] "|" word[3] " dev " word[5] "|" our_tables())
      continue
    }
    if (mode != "keep" || word[2] == "throw") del("t", "route del " route_line(key))
  }
  for (at = 1; at <= wanted_routes; at++) {
    key = wanted_route[at]
    if (key in ours_at) continue
    split(key, word, " ")
    missing_route[word[1]] = 1
    add("", "route add " route_line(key) (word[4] != "-" ? " onlink" : word[5] != "-" ? " scope link" : "") (features ~ /p/ ? " proto kernel" : ""))
  }
}

# What stood on the interface before a run, is not ours and is gone, comes back as it was.
function restore(   at, word, count, line, plain, ip, begin, cut) {
  for (at = 1; at <= old_addrs; at++) {
    line = old_addr[at]; cut = index(line, "\\"); if (cut) line = substr(line, 1, cut - 1)
    count = split(line, word, " ")
    ip = word[4]; sub(/\/.*/, "", ip)
    if (word[2] != device || line ~ / dynamic / || ip in eip_gateway || (place_of(ip) && !(ip in going))) continue
    plain = "addr add " word[4] " dev " device
    for (begin = 5; begin < count; begin++) {
      if (word[begin] == "peer") plain = "addr add " ip " peer " word[begin + 1] " dev " device
      if (word[begin] == "brd" || word[begin] == "scope") plain = plain " " word[begin] " " word[begin + 1]
      if (word[begin] == "noprefixroute") plain = plain " noprefixroute"
    }
    if (word[count] ~ /^[!-~]+$/ && (word[count] == device || index(word[count], device ":") == 1)) plain = plain " label " word[count]
    add("", plain)
  }
  for (at = 1; at <= old_routes; at++) {
    line = old_route[at]
    if (line in now_route || line !~ (" dev " device " ") || line ~ /^[2-4] |^(local|broadcast|anycast) / || line ~ / linkdown/) continue
    split(line " table 254 ", word, " table "); cut = word[2]; sub(/ .*/, "", cut)
    if (!is_ours(cut)) add("", "route add " line)
  }
}

function look_for_conflicts(   at, name, older) {
  # At boot, or by an image's mistake, the default route may go by a newer interface.
  for (name in default_dev) if (name in link_index && link_index[name] < device_index) older = 1
  if (block > 15) conflict("full|")
  if (device && device == default_out && !older && mode != "release")
    conflict("primary|" device)
  for (at = 1; at <= addrs; at++)
    if (addr_dev[at] != device && addr_ip[at] in eip_gateway)
      conflict("elsewhere|" addr_ip[at] "|" addr_dev[at])
}

# judge: says what keeps an EIP from answering any client.
function judge(   at, ip, state, text) {
  if (!device) bad("absent|" mac)
  else if (!up) bad("down|" device)
  else if (!carrier) bad("carrier|" device)
  text = adds["a"] adds["r"] adds[""] dels["a"] dels[""] dels["t"]
  if (text) { gsub(/\n/, "; ", text); bad("do|" text) }
  for (at = 1; at <= eips; at++) {
    ip = eip[at]
    if (table_for[ip] in missing_route) no_route[ip] = 1
    if (here[ip] && asked_kernel && got[ip] != device " " eip_gateway[ip]) {
      no_route[ip] = 1; text = got[ip]; sub(/ /, " via ", text)
      bad("leave|" ip "|" (text ? text : "nothing") "|" device "|" eip_gateway[ip])
    }
    state = neighbour[eip_gateway[ip]]
    if (asked_gateways && carrier && here[ip] && (!state || state ~ /FAILED|INCOMPLETE/) && !(eip_gateway[ip] in silent)) {
      silent[eip_gateway[ip]] = 1
      bad("arp|" eip_gateway[ip] "|" device)
    }
    taken_away(ip)
  }
}

# taken_away IP: rules of others that a reply meets before ours, and where they send it. What lies inside
# (private ranges, interfaces without a default route) is their business.
function taken_away(ip,   at, table, n, dest, how) {
  for (at = 1; at <= rules; at++) {
    if (rule_pref[at] " " rule_from[at] " " rule_table[at] == rule_at " " ip " " table_for[ip]) return
    if (rule_pref[at] > rule_at) return
    if (is_ours(rule_table[at]) && rule_action[at] == "lookup") continue
    if (rule_action[at] == "nop" || rule_table[at] == 255 || rule_text[at] ~ /l3mdev/) continue
    if (!may_match(at, ip)) continue
    how = rule_others[at] ? " for packets with" rule_others[at] : ""
    if (rule_action[at] == "goto") { if (rule_table[at] > rule_at) stolen(ip, at, "any client", how); continue }
    if (rule_action[at] != "lookup") { if (is_outside(rule_to[at])) stolen(ip, at, rule_to[at] ? rule_to[at] : "any client", how); continue }
    table = rule_table[at]
    for (n = 1; n <= asked_count[table]; n++) {
      dest = asked_dest[table, n]
      if (asked_type[table, n] == "throw" || length_of(dest) <= rule_suppress[at]) continue
      if (asked_type[table, n] == "unicast" && asked_dev[table, n] != device && !(asked_dev[table, n] in default_dev)) continue
      if (rule_to[at] && !meet(rule_to[at], dest)) continue
      if (rule_to[at] && length_of(rule_to[at]) > length_of(dest)) dest = rule_to[at]
      if (is_outside(dest)) { stolen(ip, at, dest == "default" ? "any client" : dest, how); break }
    }
  }
}

function stolen(ip, at, dest, how) {
  no_route[ip] = 1
  if (at in named) return
  named[at] = 1
  bad("steals|" rule_pref[at] "|" rule_text[at] "|" ip "|" dest how "|" rule_at)
}

# may_match RULE IP: whether a reply of this address can have what the rule asks for. Replies are made here,
# so rules for packets that come in by an interface are none of theirs.
function may_match(at, ip,   others) {
  others = rule_others[at]
  if (others ~ / not/) return rule_from[at] == "all" || !covers(rule_from[at], ip) || others ~ / not ./ || rule_to[at]
  if (others ~ / iif / && others !~ / iif lo/) return 0
  return rule_from[at] == "all" || covers(rule_from[at], ip)
}

function meet(one, other,   bits) {
  bits = length_of(one) < length_of(other) ? length_of(one) : length_of(other)
  return net_of(first_of(one), bits) == net_of(first_of(other), bits)
}

function is_outside(dest,   ip) {
  if (!dest || length_of(dest) < 8) return 1
  ip = dest; sub(/\/.*/, "", ip)
  if (ip !~ /\..*\..*\./) return 1
  return !(covers("10.0.0.0/8", ip) || covers("172.16.0.0/12", ip) || covers("192.168.0.0/16", ip) || covers("100.64.0.0/10", ip) || covers("169.254.0.0/16", ip) || covers("127.0.0.0/8", ip) || covers("224.0.0.0/3", ip))
}

function state_text(   at, ip, text) {
  text = "nic " mac " " private " " block " " front " " features
  if (private_net) text = text "\nprivate " private_net " " (private_gateway ? private_gateway : "-")
  for (at = 1; at <= eips; at++) {
    ip = eip[at]
    text = text "\neip " ip " " eip_length[ip] " " eip_gateway[ip] " " slot_of[ip] " " eip_word[ip]
  }
  for (at = 1; at <= gones; at++)
    gone_text = gone_text "\ngone " gone[at] " " had_length[gone[at]] " " had_gateway[gone[at]] " " slot_of[gone[at]] + 0 " -"
  return text
}

function truth(value) { return value ? "true" : "false" }
function quoted(text) { return text == "" || text == "-" ? "null" : "\"" clean(text) "\"" }

function json_text(   at, ip, text, list, place) {
  for (at = 1; at <= addrs; at++)
    if (device && addr_dev[at] == device) list = list (list ? "," : "") "\"" addr_ip[at] "/" addr_length[at] "\""
  for (at = 1; at <= eips; at++) {
    ip = eip[at]; place = here[ip]
    text = text (text ? "," : "") "{\"ip\":\"" ip "\",\"present\":" truth(place) ",\"plen\":" (place ? addr_length[place] : "null") \
      ",\"label\":" (place ? quoted(addr_label[place]) : "null") ",\"rules_ok\":" truth(!(ip in no_rule) && device) \
      ",\"route_ok\":" truth(!(ip in no_route) && device) ",\"leaves\":" (place && asked_kernel ? "\"" got[ip] "\"" : "null") ",\"neighbour\":" quoted(neighbour[eip_gateway[ip]]) "}"
  }
  return "{\"mac\":\"" mac "\",\"name\":" quoted(device) ",\"block\":" (block == "" ? "null" : block) \
    ",\"private\":" quoted(private) ",\"private_present\":" truth(private_there) ",\"addresses\":[" list "],\"eips\":[" text "]"
}
