# The way back. Promises: what a failed or cut-off run has changed is as it was before its first change, and
# nobody else's process is ever signalled.

# leads_back TOKEN_FILE: whether it is of this boot. What an earlier one has left is nobody's old state any more.
leads_back() {
  local boot
  [ -f "$1" ] && read -r _ boot <"$1" && [ "$boot" = "$boot_id" ]
}

# save_undo: the first copy counts; one that a cut-off run of this boot left is the true old state.
save_undo() {
  if leads_back "$undo_home/token"; then
    put_file "$undo_home/token" 600 "$run_token $boot_id"
    return
  fi
  kernel_error="@write|$undo_home"
  drop_undo "$undo_home"
  drop_undo "$undo_home.new"
  keep_snapshot && mv "$undo_home.new" "$undo_home" && kernel_error='' && return 0
  drop_undo "$undo_home.new"
  return 1
}

# keep_snapshot: the folder gets its name when it is whole.
keep_snapshot() {
  mkdir "$undo_home.new" && echo "$run_token $boot_id" >"$undo_home.new/token" &&
    printf '%s\n' @old_addr "$addr_seen" @old_route "$route_seen" >"$undo_home.new/look" || return 1
  [ ! -f "$state_file" ] || cp "$state_file" "$undo_home.new/state"
} 2>/dev/null

# undo_nic MAC: the old state is the wanted one.
undo_nic() {
  local older_text round
  wanted=''
  select_nic "$1"
  leads_back "$undo_home/token" || return 0
  going_lines=$state_lines state_lines='' held_asof='' held_run='' 
  if [ -f "$undo_home/state" ]; then
    cp "$undo_home/state" "$state_file.new" && mv -f "$state_file.new" "$state_file" || return 1
    load_state "$state_file"
  else
    rm -f "$state_file"
  fi
  for_lines "$going_lines" add_going
  settle_heals
  older_text=$(cat "$undo_home/look")
  neigh_text='' get_text='' asked_gateways=''
  suit_features
  for round in 1 2 3; do
    [ "$round" != 3 ] || sleep 1
    read_links && compare_kernel undo "$older_text" || return 1
    [ -n "$batch_lines" ] || break
    change_kernel
  done
  kernel_error=$bad_text
  drop_undo "$undo_home"
  [ -z "$bad_text" ] || [ -z "$device" ]
}

# drop_undo FOLDER: what is done with. One that stayed would be taken for the old state of the next run.
drop_undo() {
  [ ! -d "$1" ] || rm -rf "$1" || rm -rf "$1" || add_problem write "@stays|$1"
} 2>/dev/null

# add_going: EIPs of the set that failed go, unless the old set has them.
add_going() {
  case "$1 $new_line$state_lines" in
    [npr]* | *"${new_line}eip $2 "*) ;;
    *) append state_lines "gone $2 $3 $4 $5 -" ;;
  esac
}

# arm_dead_man: when this run is cut off, the old state comes back by itself. It works for this run only, so
# one that is left over does nothing.
arm_dead_man() {
  [ -z "$dead_man" ] || return 0
  write_keeper || return 1
  command -v setsid >/dev/null || return 0
  # shellcheck disable=SC2016 # the child expands it
  setsid sh -c 'sleep 90 && exec sh "$1" undo "$2"' sh "$our_home/keep.sh" "$run_token" >/dev/null 2>&1 </dev/null 9>&- &
  dead_man=$!
}

# disarm: the dead man is our own child and not yet waited for, so its number is its own. It leads a session,
# so its sleep goes with it.
disarm() {
  [ -n "$dead_man" ] || return 0
  kill -TERM "-$dead_man" 2>/dev/null || kill -TERM "$dead_man" 2>/dev/null
  wait "$dead_man" 2>/dev/null
  dead_man=''
}

# undo_left FILE MAC: what the run that the dead man waited for has left to be undone.
undo_left() {
  local token
  read -r token _ <"$1"
  [ "$token" != "$wanted_token" ] || undo_nic "$2" || fail_with roll-back "@|$2|$kernel_error" || :
}

# end_run: after a failure everything that this run did is undone; then nothing of it is left to be undone.
end_run() {
  local one
  if [ "$run_state" = failed ]; then
    for one in $done_macs; do
      undo_nic "$one" || add_problem roll-back "@|$one|$kernel_error"
    done
    was_changed=false
  fi
  for one in $done_macs; do
    drop_undo "$our_home/undo-$one"
  done
  disarm
  each_file '*.lease' end_client
  keep_off
}
