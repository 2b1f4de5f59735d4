# The modes: check, apply, release (with a wanted set); survey (everything, told nothing); keep (the keeper);
# undo TOKEN (the dead man of the run of that name). Promises: one line of answer, the last, whatever happens.

# find_detached: ENIs that a set is kept for and that are not there.
find_detached() {
  [ -n "$link_text" ] || read_links || return 0
  each_file "$state_files" note_detached
}

note_detached() {
  is_attached "$2" && return
  ! has_eips "$1" || detached_list="$detached_list${detached_list:+,}\"$2\""
}

take_lock() {
  first_rules=''
  { [ -d "$our_home" ] || mkdir -p "$our_home"; } 2>/dev/null && true 2>/dev/null >>"$our_home/lock" ||
    fail_with write "@|$our_home" || return 1
  until get_lock; do
    ! is_late || fail_with locked "@|$wait_limit" || return 1
  done
}

get_lock() {
  local holder
  if command -v flock >/dev/null; then
    exec 9>>"$our_home/lock"
    flock -n 9
    return
  fi
  (set -C && echo $$ >"$our_home/lock.pid") 2>/dev/null && return 0
  read -r holder 2>/dev/null <"$our_home/lock.pid" || holder=''
  # The lock of a run that was killed is void.
  [ -z "$holder" ] || [ -d "/proc/$holder" ] || rm -f "$our_home/lock.pid"
  return 1
}

run_mode() {
  wanted_nics=''
  case $mode in
    check | apply | release | survey | keep | undo) ;;
    *) fail_with mode "@|" || return ;;
  esac
  # The first process is root's, in a container, too.
  # shellcheck disable=SC3067 # -O is in every shell that Linux has as sh
  [ -O /proc/1 ] || fail_with root "@|" || return
  command -v ip >/dev/null || fail_with no-ip "@|" || return
  know_tool
  case $mode in
    keep) keep ;;
    survey) wanted='' && survey ;;
    check) read_wanted || fail_with data "@|" && for_lines "$wanted_nics" check_nic || run_state=failed ;;
    *)
      take_lock || return
      change
      end_run
      rm -f "$our_home/lock.pid" 2>/dev/null
      ;;
  esac
}

# change: with the lock in hand.
change() {
  if [ "$mode" = undo ]; then
    wanted=''
    each_file "$way_files" undo_left
    return
  fi
  read_wanted || fail_with data "@|" || return
  [ $run_state = ok ] || return 0
  if [ "$mode" = apply ]; then
    [ -z "$orphans" ] || read_links && for_lines "$orphans" take_over
    for_lines "$wanted_nics" apply_nic
  else
    for_lines "$wanted_nics" release_nic
  fi || run_state=failed
}

# take_over MAC: an EIP of the wanted set still stands in the state of an ENI; if that was detached, it goes there.
take_over() {
  local keep_wanted keep_nics
  ! is_attached "$1" || return 0
  add_note "@moved|$1"
  keep_wanted=$wanted keep_nics=$nics_json wanted=''
  release_nic "$1"
  wanted=$keep_wanted nics_json=$keep_nics
}

# The default route and the way to the cloud's services, as the kernel said at the last look. Which ENI that is, and
# whether it may be, the cloud knows.
tell_answer() {
  local same_route
  same_route=true
  [ "${first_route% * *}" = "${route_out% * *}" ] || same_route=false
  # shellcheck disable=SC2086 # words of our own
  set -- $same_route ${route_out:-null null null null}
  know_version
  printf 'multieip-answer: {"v":1,"mode":"%s","state":"%s","changed":%s,' "$mode_name" $run_state $was_changed
  printf '"nics":[%s],"default_route":{"unchanged":%s,"dev":%s,"via":%s},"service_route":{"dev":%s,"mac":%s},' "$nics_json" "$@"
  printf '"tools":[%s],"problems":[%s],"notes":[%s],' "$tool_list" "$problem_list" "$note_list"
  printf '"held":%s,"keeper":%s,"detached":[%s]}\n' "$held_json" "${there_version:-null}" "$detached_list"
}

main() {
  mode=$1 mode_name=$1 wanted=${2:-} wanted_token=${2:-} wait_limit=${3:-60} digest=${4:-} front=5 asof='' run_name=''
  first_route='' done_macs='' dead_man='' keeper_changed=''  keeper_form=runtime
  kernel_said='' get_text='' link_text='' profile_uuid='' route_out='' conflict_text=''
  read -r run_token _ </proc/uptime
  run_start=${run_token%.*} run_token=$$-$run_token
  read -r boot_id </proc/sys/kernel/random/boot_id || boot_id=unknown
  run_mode
  [ "$mode_name" = survey ] || [ "$mode_name" = check ] && [ "$run_state" != failed ] && find_detached
  tell_answer
  case $run_state in
    ok | differs) exit 0 ;;
  esac
  exit 1
}
main "$@"
