# Check, apply and release of one interface. Promises: nothing is changed before everything that can be
# refused is refused, and after a failure what stood before stands again.

# look_closely: compares, with what the gateways and the kernel's own routing say; the links are at hand.
look_closely() {
  ask_gateways "$1" && ask_routes "$1" && compare_kernel "$2"
}

check_nic() {
  select_nic "$@"
  suit_features && read_links && look_closely "$wanted" check || return 1
  know_manager
  if [ -z "$device" ]; then
    add_problem no-interface "@|$mac"
    differs=y
  else
    [ "$has_private" = 1 ] || add_problem no-private-address "@|$device|$private"
    refuse_conflicts || run_state=differs
  fi
  if [ -n "$bad_text$differs" ]; then
    run_state=differs
    [ -z "$bad_text" ] || add_problem differs "$bad_text"
  fi
  tell_nic
}

# refuse_conflicts: before the first write.
refuse_conflicts() {
  [ -z "$master" ] || fail_with enslaved "@|$device|$master" || return 1
  [ -z "$conflict_text" ] || fail_with conflict "$conflict_text"
}

# await_nic: a hot-plugged interface takes its time, and so does its lease.
await_nic() {
  local seen round
  read_links || return 1
  until is_attached "$mac"; do
    ! is_late || fail_with no-interface "@|$mac" || return 1
    read_links || return 1
  done
  round=0
  while :; do
    seen=$(ip -4 -o addr show 2>&1) || fail_with read "ip addr: $seen" || return 1
    case $seen in
      *" inet $private/"*) return 0 ;;
    esac
    ! is_late || return 0
    round=$((round + 1))
    # A manager takes its time, too, until it has seen the interface.
    if [ "$round" = 30 ]; then
      compare_kernel keep && offer_client
    fi
  done
}

apply_nic() {
  select_nic "$@"
  suit_features
  attempt_apply
  # shellcheck disable=SC2181 # the outcome of the attempt, before the answer is put together
  applied=$?
  [ -z "$nic_json" ] || tell_nic
  return "$applied"
}

attempt_apply() {
  await_nic || return 1
  # Most runs find everything as wanted; then one close look is enough.
  get_text=''
  case $state_lines in
    *"eip "*) look_closely "$wanted" apply || return 1 ;;
    *) ask_routes '' && compare_kernel apply || return 1 ;;
  esac
  know_manager
  [ -n "$device" ] || fail_with no-interface "@|$mac" || return 1
  refuse_conflicts || return 1
  [ "$has_private" = 1 ] || fail_with no-private-address "@|$device|$private" || return 1
  # Nothing keeps a set that is empty.
  case $new_state in *"${new_line}eip "*) ;; *) kept=y ;; esac
  if [ -z "$batch_lines$gone_lines$bad_text" ] && [ "$new_state" = "$held_state" ] && [ "$kept" = y ]; then
    [ ! -d "$undo_home" ] || append done_macs "$mac"
    # The newer look is kept, too.
    [ "$asof $run_name" = "$held_asof $held_run" ] || [ -z "$asof" ] || write_state "$new_state" || fail_with write "$kernel_error"
    return
  fi
  make_so
}

# make_so: the old state first goes where a roll-back finds it.
make_so() {
  append done_macs "$mac"
  save_undo || fail_with write "$kernel_error" || return 1
  write_state "$new_state$gone_lines" || fail_with write "$kernel_error" || return 1
  arm_dead_man || fail_with write "$kernel_error" || return 1
  settle_heals
  converge || fail_with apply "${bad_text:-@|}${kernel_said:+ ($kernel_said)}" || return 1
  write_state "$new_state" || fail_with write "$kernel_error" || return 1
  keep_on
  was_changed=true
}

# converge: until a look finds everything as wanted; a keeper may be at it as well. A word or a flag that
# this kernel or this ip turns out not to keep is done without from then on.
converge() {
  local round
  round=0
  while [ "$round" -lt 4 ]; do
    round=$((round + 1))
    [ -z "$batch_lines" ] || change_kernel
    read_links && look_closely "$wanted" apply || return 1
    [ -z "$conflict_text" ] || fail_with conflict "$conflict_text" || return 1
    if [ -z "$batch_lines" ]; then
      [ -n "$bad_text" ] || return 0
      [ "$round" -lt 2 ] || return 1
    fi
    case "$round $kernel_said $batch_lines" in
      1*garbage* | 2*"addr del "*)
        features=-
        compare_kernel apply || return 1
        ;;
    esac
  done
  [ -z "$batch_lines$bad_text" ]
}

release_nic() {
  local stands
  select_nic "$@"
  suit_features && read_links || return 1
  ask_routes '' && compare_kernel release || return 1
  know_manager
  stands=$batch_lines
  if [ -n "$stands" ]; then
    append done_macs "$mac"
    # What goes is written down until it is gone: a run that is killed leaves nothing that nobody knows.
    save_undo && write_state "$new_state$gone_lines" && arm_dead_man || fail_with write "$kernel_error" || return 1
    was_changed=true
  else
    # What an earlier run has left to be undone must not bring it back.
    [ ! -d "$undo_home" ] || append done_macs "$mac"
    case $state_lines in *"eip "*) was_changed=true ;; esac
    forget_state || fail_with write "$kernel_error" || return 1
  fi
  settle_heals
  clear_kernel || fail_with release "@|$bad_text" || return 1
  [ -z "$stands" ] || forget_state || fail_with write "$kernel_error" || return 1
  block='' persistent=false keeper_form=runtime
  tell_nic
}

clear_kernel() {
  local round
  round=0
  while [ "$round" -lt 3 ]; do
    round=$((round + 1))
    [ -n "$batch_lines" ] || return 0
    change_kernel
    compare_kernel release || return 1
  done
  [ -z "$batch_lines" ]
}

# forget_state: what stays is the time of the look, so that an older set does not come back. Without one
# nothing stays.
forget_state() {
  if [ -n "$asof$held_asof" ]; then
    write_state "released $mac"
    return
  fi
  rm -f "$state_file" 2>/dev/null && return 0
  kernel_error="@stays|$state_file"
  return 1
}

# tell_nic: the answer's part about the interface at hand.
tell_nic() {
  local text name value
  text=$nic_json,
  clean_text "$manager"
  text="$text\"dhcp\":\"${dhcp_word:-unknown}\",\"manager\":\"$cleaned\",\"writer\":\"${keeper_form:-runtime}\",\"persistent\":$persistent,\"sysctls\":{"
  for name in rp_filter arp_ignore arp_announce; do
    value=''
    # The kernel gives such a file in one piece only, so a shell that reads byte by byte sees no end of line.
    [ -z "$device" ] || [ ! -r "/proc/sys/net/ipv4/conf/$device/$name" ] || read -r value <"/proc/sys/net/ipv4/conf/$device/$name" || :
    text="$text\"$name\":${value:-null},"
  done
  text=${text%,}
  if [ -n "$asof" ] && [ "$mode" != check ] && [ "$run_state" = ok ]; then
    text="$text},\"stamp\":{\"asof\":$asof,\"run\":\"$run_name\""
  elif [ -n "$held_asof" ]; then
    text="$text},\"stamp\":{\"asof\":$held_asof,\"run\":\"$held_run\""
  fi
  nics_json="$nics_json${nics_json:+,}$text}}"
}
