# Reads the kernel, compares, and changes it. Promises: a helper that dies is a failure, never an empty
# answer; every change is one batch of lines about this interface and the tables of its block.

# know_tool: how this ip is asked. A check need not ask for the rules again. busybox's knows no batch, no numbers,
# and no table above 1023.
know_tool() {
  ip_words='ip -N' link_words='ip -d -o' first_table=21000 table_step=300 table_names=''
  first_rules=$(ip -N -4 rule show 2>&1) && return
  ip_words=ip first_rules=''
  case $(ip -V 2>&1) in
    *iproute2*) [ ! -r /etc/iproute2/rt_tables ] || table_names=$(cat /etc/iproute2/rt_tables) ;;
    *) link_words='ip -o' first_table=680 table_step=21 ;;
  esac
}

# suit_features: what this ip knows, unless an earlier run has found what the kernel keeps.
suit_features() {
  differs=''
  case ${features:-x} in
    x | *[!np-]*) ;;
    *) return 0 ;;
  esac
  features=np
  # Whoever can print numbers knows both words.
  if [ "$ip_words" = ip ]; then
    features=''
    [ "$table_step" = 21 ] || case $(ip address help 2>&1) in *noprefixroute*) features=n ;; esac
    [ "$table_step" = 21 ] || case $(ip rule help 2>&1) in *protocol*) features=${features}p ;; esac
  fi
  features=${features:--}
}

read_links() {
  link_text=$($link_words link show 2>&1) && [ -n "$link_text" ] || fail_with read "ip link: $link_text"
}

# is_attached MAC: by a quick look; the comparison looks closely.
is_attached() {
  case $link_text in
    *"link/ether $1 "*) return 0 ;;
  esac
  return 1
}

# compare_kernel MODE [SECTIONS]: reads everything and compares it with the set of the interface at hand.
# Afterwards: device index is_up has_private is_dynamic master, new_state, gone_lines, batch_lines (all),
# keep_lines, eip_lines and drop_lines (the keeper's parts), bad_text, conflict_text, nic_json, route_out.
compare_kernel() {
  local addr_text rule_text route_text
  addr_text=$($ip_words -4 -o addr show 2>&1) || fail_with read "ip addr: $addr_text" || return 1
  rule_text=${first_rules:-$($ip_words -4 rule show 2>&1)} || fail_with read "ip rule: $rule_text" || return 1
  first_rules=''
  route_text=$($ip_words -4 -o route show table all 2>&1) || fail_with read "ip route: $route_text" || return 1
  addr_seen=$addr_text route_seen=$route_text conflict_text='' is_whole=n
  join_lines @tables "$table_names" @want "$wanted" @state "$state_lines" @link "$link_text" @addr "$addr_text" \
    @rule "$rule_text" @route "$route_text" @neigh "$neigh_text" @get "$get_text" "${2:-}" @end
  compare_text -v mode="$1" -v mac="$mac" -v private="$private" -v block="$block" -v front="$front" \
    -v features="$features" -v table_step="$table_step" -v asked_kernel="${get_text:+1}" \
    -v asked_gateways="$asked_gateways" -v rule_base=$((21000 + 300 * ${block:-0})) \
    -v table_base=$((first_table + table_step * ${block:-0})) || return 1
  [ "$is_whole" = y ] || fail_with read "@cut|$conflict_text" || return 1
  first_route=${first_route:-$route_out}
}

# compare_text ARGUMENTS: gives awk the text, and takes the variables that it answers with.
compare_text() {
  local reply
  if [ ${#joined_text} -lt 100000 ]; then
    reply=$(multieip=$joined_text awk "$@" "$compare_program" </dev/null)
  else
    reply=$(printf %s "$joined_text" | awk "$@" "$compare_program")
  fi || fail_with read "awk: $reply" || return 1
  eval "$reply"
}

# run_batch LINES: in one go; what stands already or is gone already is no error, so the rest is done and a
# look afterwards says what came of it.
run_batch() {
  [ -n "$1" ] || return 0
  if [ "$table_step" = 300 ]; then
    kernel_said=$(printf '%s\n' "$1" | ip -force -batch - 2>&1 9>&-)
  else
    for_lines "$1" run_single
  fi
  return 0
}

run_single() {
  kernel_said=$(ip "$@" 2>&1)
  return 0
}

# change_kernel: everything that compare_kernel has found. Without promote_secondaries the kernel takes all
# other EIPs of a subnet away with its first.
change_kernel() {
  local switch before
  switch=/proc/sys/net/ipv4/conf/$device/promote_secondaries before=''
  case $batch_lines in
    *"addr del "*) { read -r before <"$switch" && [ "$before" = 0 ] && echo 1 >"$switch"; } 2>/dev/null || before='' ;;
  esac
  run_batch "$batch_lines"
  [ -z "$before" ] || echo "$before" >"$switch"
}

# ask_gateways: each distinct gateway once, from an address of its EIPs, so that the kernel's list of
# neighbours says whether it is there. It need not answer the ping. An EIP that is only to be kept and that we
# never had is no address to ask from.
ask_gateways() {
  local job
  neigh_text='' asked_gateways='' asked_list=' ' asked_mac=$mac jobs=''
  if command -v ping >/dev/null; then
    for_lines "$1" ask_gateway
    for job in $jobs; do
      wait "$job"
    done
    asked_gateways=1
  else
    add_note '@ping|'
  fi
  neigh_text=$(ip -4 neigh show 2>&1) || fail_with read "ip neigh: $neigh_text"
}

ask_gateway() {
  case $1 in
    nic) asked_mac=$2 ;;
    eip)
      case "$5 $new_line$state_lines" in
        must* | *"${new_line}eip $2 "*) [ "$asked_mac" != "$mac" ] || ask_one "$@" ;;
      esac
      ;;
  esac
}

ask_one() {
  case $asked_list in
    *" $4 "*) return 0 ;;
  esac
  asked_list="$asked_list$4 "
  ping -n -c 1 -W 1 -I "$2" "$4" >/dev/null 2>&1 9>&- &
  jobs="$jobs $!"
}

# ask_routes LINES: where the kernel itself sends replies, and what the machine's own way out is.
ask_routes() {
  get_lines="route get 192.0.2.1${new_line}route get 100.100.100.200"
  for_lines "$1" get_line
  if [ "$table_step" = 300 ]; then
    # A refusal to one question is an answer, too.
    get_text=$(printf '%s\n' "$get_lines" | ip -4 -o -force -batch - 2>/dev/null) || :
  else
    get_text='' get_out=''
    for_lines "$get_lines" get_single
    get_text=$get_out
  fi
}

get_line() {
  [ "$1" != eip ] || append get_lines "route get 192.0.2.1 from $2"
}

get_single() {
  append get_out "$(ip "$@" 2>/dev/null)"
}
