# Where the keeper lives. Promises: the init system is asked what is true; no unit but ours is touched, and none
# is read again, as that would run the generators of others.
unit_file=/etc/systemd/system/multieip.service
respawn_words=':respawn:/bin/sh /etc/multieip/keep.sh keep'

know_form() {
  keeper_form=runtime
  if [ -d /run/systemd/system ]; then
    keeper_form=systemd
  elif [ -f /etc/inittab ]; then
    keeper_form=inittab
    # busybox's init wants no name and no levels.
    inittab_line=me:2345$respawn_words
    case $(readlink /proc/1/exe) in *busybox*) inittab_line=:$respawn_words ;; esac
  fi
}

# write_keeper: this program, unless a later one is there already. It is needed for the way back, too.
write_keeper() {
  know_version
  [ "${there_version:-0}" -le "$keeper_version" ] && [ "$there_version $there_digest" != "$keeper_version $digest" ] || return 0
  keeper_changed=y
  join_lines '#!/bin/sh' "# multieip-keeper $keeper_version $digest written by a tool, changes are lost" "${program:-}"
  put_file "$our_home/keep.sh" 600 "$joined_text"
}

# know_version: of the keeper that is on disk, and its digest; empty where there is none.
know_version() {
  there_version='' there_digest=''
  [ -f "$our_home/keep.sh" ] || return 0
  {
    read -r _
    read -r _ _ there_version there_digest _
  } <"$our_home/keep.sh"
  there_version=${there_version%%[!0-9]*}
}

# is_kept: a program not older than this is there, enabled and at work; sets `kept` and `persistent`.
is_kept() {
  know_form
  persistent=false kept=n
  know_version
  [ -n "$there_version" ] && [ "$there_version" -ge "$keeper_version" ] || return 1
  [ "$there_version" != "$keeper_version" ] || [ "$there_digest" = "$digest" ] || return 1
  case $keeper_form in
    runtime) ;;
    *) "runs_$keeper_form" && persistent=true || return 1 ;;
  esac
  kept=y
}

runs_systemd() {
  systemctl is-enabled --quiet multieip.service 2>/dev/null && systemctl is-active --quiet multieip.service
}

runs_inittab() {
  grep -qxF "$inittab_line" /etc/inittab
}

# keep_on: what is configured stands already; where the keeper cannot be made to last, the answer says so.
keep_on() {
  know_form
  case $keeper_form in
    runtime) add_note '@nobody|' ;;
    *) write_keeper && "start_$keeper_form" || add_problem persistence "@|${kernel_error:-@idle|$keeper_form}" ;;
  esac
  is_kept || :
}

start_systemd() {
  local text
  join_lines '[Unit]' 'Description=EIPs on secondary ENIs (written by a tool, changes are lost)' \
    'After=network.target NetworkManager.service' StartLimitIntervalSec=0 '[Service]' \
    'ExecStart=/bin/sh /etc/multieip/keep.sh keep' Restart=always RestartSec=20ms '[Install]' WantedBy=multi-user.target
  text=''
  [ ! -f "$unit_file" ] || text=$(cat "$unit_file")
  case $text in
    "${joined_text%"$new_line"}") ;;
    '' | *'(written by a tool'*) put_file "$unit_file" 644 "$joined_text" || return 1 ;;
    *)
      kernel_error="@theirs|$unit_file"
      return 1
      ;;
  esac
  if runs_systemd; then
    [ -z "$keeper_changed" ] || systemctl --no-reload restart multieip.service 9>&-
    return
  fi
  kernel_error=$(systemctl --no-reload enable multieip.service 2>&1 9>&- && systemctl start multieip.service 2>&1 9>&-)
}

start_inittab() {
  local text
  if ! runs_inittab; then
    text=$(cat /etc/inittab) && put_file /etc/inittab 644 "$text$new_line$inittab_line" || return 1
  fi
  kill -HUP 1
}

# keep_off: when no ENI has a set any more and no run is to be undone, nothing of ours stays but the times of released
# sets.
keep_off() {
  kept_any=n
  each_file "$state_files" note_kept
  each_file "$way_files" note_way
  [ "$kept_any" = n ] || return 0
  know_form
  [ "$keeper_form" = runtime ] || "stop_$keeper_form"
  rm -f "$our_home/keep.sh" "$our_home/lock" 2>/dev/null
  rmdir "$our_home" 2>/dev/null
  return 0
}

note_kept() {
  ! has_eips "$1" || kept_any=y
}

# note_way: the dead man of a run of this boot needs the program, and what he brings back needs the keeper.
note_way() {
  ! leads_back "$1" || kept_any=y
}

stop_systemd() {
  [ -f "$unit_file" ] || return 0
  systemctl --no-reload disable multieip.service >/dev/null 2>&1 9>&-
  systemctl stop multieip.service >/dev/null 2>&1 9>&-
  rm -f "$unit_file"
}

stop_inittab() {
  local text
  runs_inittab || return 0
  text=$(grep -vxF "$inittab_line" /etc/inittab) && put_file /etc/inittab 644 "$text" && kill -HUP 1
}
