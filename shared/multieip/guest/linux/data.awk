# The wanted set as data, and the sets that are kept. Promises: nothing that was damaged on its way is used, and
# a set of an earlier look than the kept one, or another set of the same look, is told apart, and so is a lean one
# (its look may have missed what is bound) that lacks an EIP of the kept one.
# Lines that are wanted: lean / asof MS RUN / front N / nic MAC PRIVATE / eip IP LENGTH GATEWAY must|keep
# Of the last kind `eip`, `must` and the gateway's numbers that are the EIP's as well may be missing, and all three are
# then: IP LENGTH 254. `wanted_text` has them.
# Lines that are kept:   nic MAC PRIVATE BLOCK FRONT FEATURES, or released MAC / asof MS RUN / private NET GATEWAY
#                        eip IP LENGTH GATEWAY SLOT must|keep / gone IP LENGTH GATEWAY SLOT -   (on its way out)
function take_data() {
  if (section == "want" && NF) {
    if ($1 ~ /\./) complete($1 ".")
    if (!is_valid()) damaged = 1
    wanted_text = wanted_text $0 "\n"
  }
  if (section == "state") hold()
}

function is_ip(text) { return dotted(number_of(text)) == text }
function is_enough() { return eip_count || mode_name != "apply" }

function complete(head,   at, part) {
  for (at = split($3, part, "."); at > 0; at--) sub(/[^.]*\.$/, "", head)
  $0 = "eip " $1 " " $2 " " head $3 " " (NF < 4 ? "must" : $4 $5)
}

function is_valid(   pairs) {
  if ($1 == "asof") {
    asof = $2; run = $3
    return NF == 3 && asof ~ /^[1-9][0-9]*$/ && length(asof) < 16 && run ~ /^[A-Za-z0-9._-]+$/
  }
  if ($1 == "lean") return !seen[$1]++
  if ($1 == "front") { front = $2; return NF == 2 && front ~ /^[1-9][0-9]*$/ && front < 32766 }
  if ($1 == "nic") {
    pairs = $2 ":"
    if (NF != 3 || gsub(/[0-9a-f][0-9a-f]:/, "", pairs) != 6 || pairs || !is_ip($3) || seen[$2]++ || seen[$3]++) return 0
    if (nic_of_line && !is_enough()) return 0
    nic_of_line = $2; eip_count = 0
    nic_list = nic_list $2 " " $3 "\n"
    return 1
  }
  wanted_word[nic_of_line, $2 " " $3 " " $4] = $5
  return $1 == "eip" && NF == 5 && nic_of_line && ++eip_count <= 10 && is_ip($2) && is_ip($4) && $2 != $4 && !seen[$2]++ \
    && $3 ~ /^[1-9][0-9]?$/ && $3 >= 8 && $3 <= 30 && net_of(number_of($2), $3) == net_of(number_of($4), $3) && $5 ~ /^(must|keep)$/
}

function hold(   key) {
  if ($1 == "nic" || $1 == "released") nic_of_state = $2
  if ($1 == "nic") { block_of[$2] = $4; taken[$4] = 1; held_asof[$2] = 0 }
  if ($1 == "asof") { held_asof[nic_of_state] = $2; held_run[nic_of_state] = $3 }
  if ($1 != "eip") return
  key = $2 " " $3 " " $4
  if (seen[$2] && !(nic_of_state in seen) && !orphaned[nic_of_state]++) orphans = orphans nic_of_state "\n"
  held_count[nic_of_state]++
  if ((nic_of_state, key) in wanted_word && mode_name != "release") { held_count[nic_of_state]--; wanted_word[nic_of_state, key] = "" }
  held_json[nic_of_state] = held_json[nic_of_state] (held_json[nic_of_state] ? "," : "") \
    "{\"ip\":\"" $2 "\",\"plen\":" $3 ",\"gateway\":\"" $4 "\",\"keep\":" truth($6 == "keep") "}"
}

function tell_data(   count, line, key, word, at, kind) {
  give("is_whole", damaged || !nic_list || !is_enough() ? "n" : "y")
  give("asof", asof); give("run_name", run); give("front", front); give("orphans", orphans)
  # What is left over on one of the two sides makes the sets differ.
  if (mode_name != "release") for (key in wanted_word) if (wanted_word[key] == "must") { split(key, word, SUBSEP); held_count[word[1], "must"]++ }
  count = split(nic_list, line, "\n")
  for (at = 1; at < count; at++) {
    split(line[at], word, " "); key = word[1]
    # An ENI keeps its numbers; a new one has the lowest that no other has. There is room for 16.
    if (!(key in block_of)) { block = 0; while (block in taken) block++; taken[block] = 1; block_of[key] = block }
    nics = nics line[at] " " block_of[key] "\n"
    kind = asof && held_asof[key] && (asof + 0 < held_asof[key] + 0 || asof == held_asof[key] && held_count[key] + held_count[key, "must"]) ? "older" : seen["lean"] && held_count[key] ? "unnamed" : ""
    if (kind) {
      give("run_state", kind)
      give("held_json", "{\"mac\":\"" key "\",\"asof\":" held_asof[key] ",\"run\":\"" held_run[key] "\",\"eips\":[" held_json[key] "]}")
    }
  }
  give("wanted_nics", nics); give("wanted", wanted_text)
}
