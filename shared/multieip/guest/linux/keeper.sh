# The keeper: follows the kernel and puts back by MAC what is missing. Promises: it only adds, but for routes of
# networks that are gone; it uses no file, profile or command of a network manager but to ask; and it waits for
# no lock but a moment's, as a run writes what is wanted first and then looks until it stands.

keep() {
  local event more left
  heal_count=0 heal_second=0 wanted='' mode=keep was_deleted=n
  know_tool
  load_all
  # Whoever was killed has missed something, and following the kernel takes a moment to begin.
  each_file "$state_files" heal
  follow_kernel 2>/dev/null | {
    read -r _ left
    while read -r event; do
      # shellcheck disable=SC2030 # all that uses it runs in here
      was_deleted=n
      concerns "$event" || continue
      # What has come in until now needs one look, not one each. Nobody reads on for a keeper that was killed.
      kill -0 $$ && kill -USR1 "$left" || break
      # An older dash may sleep over the signal, so nobody waits longer than until the next of these.
      while read -r more; do
        case $more in mark | again | tick) break ;; esac
        concerns "$more"
      done
      slow_down
      load_all
      each_file "$state_files" heal
    done
  }
  exit 1
}

# follow_kernel: prints its own number, then events. On USR1 it prints a mark, so that the reader knows what
# came before it. A monitor that ends is started again; where there is none, a look each 10 s has to do. It
# ends when nobody reads.
follow_kernel() {
  local monitor own
  trap 'echo mark' USR1
  # shellcheck disable=SC2016 # the child tells its parent's number
  own=$(exec sh -c 'echo $PPID')
  echo "number $own"
  {
    while sleep 15 >/dev/null && echo tick; do :; done
    kill "$own"
  } &
  trap - PIPE
  while :; do
    echo again
    $ip_words -o monitor link address route rule &
    monitor=$!
    (sleep 0.3 >/dev/null 2>&1 && echo again) &
    await_child "$monitor" && continue
    sleep 10 >/dev/null &
    await_child $!
  done
}

# await_child NUMBER: a signal ends `wait`, not the child.
await_child() {
  local code
  code=129
  while [ "$code" -gt 128 ] && kill -0 "$1" 2>/dev/null; do
    wait "$1"
    code=$?
  done
  # One that was killed ran before; one that cannot run ends with a code of its own.
  [ "$code" -gt 128 ]
}

# load_all: what the state files name, to tell which events are about it.
load_all() {
  all_states=''
  each_file "$state_files" note_state
}

# concerns EVENT: whether it can have taken something of ours away, or lets something of ours come back.
concerns() {
  local address
  case $1 in
    tick | again) return 0 ;;
    *link/*)
      # The routes of another interface go without a word, and with them the need for their `throw`.
      case $1 in Deleted* | *"state DOWN"*) return 0 ;; esac
      address=${1#*link/}
      address=${address#* }
      case $all_states in *"nic ${address%% *} "*) return 0 ;; esac
      ;;
    *" inet "*)
      address=${1#* inet }
      address=${address%%[/ ]*}
      case $1 in Deleted*) was_deleted=y ;; esac
      case "$1 $all_states" in
        Deleted*"eip $address "* | *"nic "??:??:??:??:??:??" $address "*) return 0 ;;
      esac
      ;;
    Deleted*"table "2[1-5][0-9][0-9][0-9]* | Deleted*"lookup "2[1-5][0-9][0-9][0-9]*) return 0 ;;
    *"lookup "2[1-5][0-9][0-9][0-9]*) load_all ;;
    *"table "* | *"lookup "*) ;;
    *" dev "*" scope "*) return 0 ;;
  esac
  return 1
}

# slow_down: who takes away as fast as it comes back gets a pause, not the processor.
slow_down() {
  local now
  read -r now _ </proc/uptime
  now=${now%.*}
  if [ $((now - heal_second)) -gt 10 ]; then
    heal_second=$now heal_count=0
  fi
  heal_count=$((heal_count + 1))
  [ "$heal_count" -ge 50 ] || return 0
  [ "$heal_count" != 50 ] || echo '50 changes in 10 s: one look a second now' >&2
  sleep 1
}

# heal FILE MAC: what is missing of one ENI.
heal() {
  # shellcheck disable=SC2031
  [ "$was_deleted" = n ] || ! networkmanager_here || sleep 0.05
  enter_heal
  select_nic "$2"
  case $state_lines in *"eip "*) mend ;; esac
  leave_heal
  return 0
}

mend() {
  read_links && compare_kernel keep || return
  [ ! -f "$our_home/$mac.lease" ] || offer_client
  [ -n "$device$batch_lines" ] || return
  if may_stand; then
    run_batch "$keep_lines"
    add_eips
  else
    run_batch "$drop_lines$keep_lines"
  fi
}

# may_stand: an interface that is down has no EIPs. NetworkManager takes one that has addresses and no profile
# for somebody else's, and the user's profile never comes back: so EIPs stand beside the private address only,
# and before one is added it is asked whether it holds the interface or is about to. One that is stopped says nothing.
may_stand() {
  guard_line=''
  [ "$is_up" = 1 ] || return 1
  case "$has_private$eip_lines" in
    1) return 0 ;;
  esac
  networkmanager_here || return 0
  case "$(networkmanager_says) $has_private" in
    connect*' 1' | 'unmanaged 1' | ' 1') guard_line="route get $private from $private" ;;
    *' 0') return 1 ;;
    *) keep_lines='' eip_lines='' ;;
  esac
}

# add_eips: NetworkManager may let go of the interface after it was asked. So the kernel is asked in one breath with
# each addition, and refuses to send from a private address that is gone, which ends the batch; what was added goes.
add_eips() {
  added='' guarded=''
  if [ -z "$guard_line" ]; then
    run_batch "$eip_lines"
  elif [ -n "$eip_lines" ]; then
    for_lines "$eip_lines" add_guarded
    append guarded "$guard_line"
    printf '%s\n' "$guarded" | ip -batch - >/dev/null 2>&1 || run_batch "$added"
  fi
}

# add_guarded addr add ADDRESS …
add_guarded() {
  append guarded "$guard_line$new_line$*"
  append added "addr del $3 dev $device"
}

# A run that has written another set waits for a heal that began with the old one.
enter_heal() {
  command -v flock >/dev/null && command exec 8<"$our_home" && flock -s 8
}

leave_heal() {
  command exec 8<&-
} 2>/dev/null

settle_heals() {
  command -v flock >/dev/null && [ -d "$our_home" ] || return 0
  flock -x -w 5 8 8<"$our_home" 2>/dev/null || flock -x 8 8<"$our_home"
}
