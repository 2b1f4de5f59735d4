# The rest is kept by this program itself: a copy on disk, a unit that watches, and the manager's hook.
write_unit() {
  want_file $ETC/guest.sh 700 "$(cat "$0")"
  [ -d /run/systemd/system ] || return 0
  T='# multieip-guest: written by a tool, changes are lost'
  t '[Unit]' 'Description=EIPs on secondary ENIs' After=network.target
  t '[Service]' "ExecStart=/bin/sh $ETC/guest.sh watch" Restart=always RestartSec=5
  t '[Install]' WantedBy=multi-user.target
  want_file $UNITS/multieip-guest.service 644 "$T"
}

activate_unit() {
  [ -d /run/systemd/system ] || return 0
  if [ -f $UNITS/multieip-guest.service ]; then
    run systemctl daemon-reload && run systemctl enable multieip-guest && run systemctl restart multieip-guest
  else
    systemctl disable --now multieip-guest >/dev/null 2>&1
    systemctl stop multieip-guest >/dev/null 2>&1
    run systemctl daemon-reload
  fi
}

# A hook waits for nothing: the run that has the lock may be waiting for the hook's caller.
hook() {
  T='#!/bin/sh'
  t '# multieip-guest: written by a tool, changes are lost' "$2" \
    "[ ! -f $ETC/guest.sh ] || sh $ETC/guest.sh restore \"\$$3\" 30 >/dev/null 2>&1 </dev/null &" 'exit 0'
  want_file "$1" 755 "$T"
}

# shellcheck disable=SC2016 # the hook expands it
write_ifupdown() {
  f=/etc/network/interfaces.d/multieip-$D
  if has "$L_FILES" "$f" || no_stanza; then
    T="# multieip-guest $MAC: written by a tool, changes are lost"
    t "allow-hotplug $D" "auto $D" "iface $D inet dhcp" '    metric 2048'
    want_file "$f" 644 "$T" || return 1
  fi
  write_unit && hook /etc/network/if-up.d/multieip '[ "$ADDRFAM" = inet ] || exit 0' IFACE
}

activate_ifupdown() {
  activate_unit
}

# shellcheck disable=SC2016 # the hook expands it
write_dispatcher() {
  write_unit && hook /etc/NetworkManager/dispatcher.d/90-multieip 'case $2 in up|dhcp4-change|reapply) ;; *) exit 0 ;; esac' 1
}

activate_dispatcher() {
  activate_unit
}
