# NetworkManager: a profile of our own that wins over others; DHCP's routes go into the private table.
write_networkmanager() {
  mark
  n=0 r=0
  PFILE=/etc/NetworkManager/system-connections/multieip-$KEY.nmconnection
  uuid
  if [ "$PROFILE" != "$UUID" ]; then
    WAS=$PROFILE STALE=y
  fi
  t '[connection]' "id=multieip-$KEY" "uuid=$UUID" type=ethernet autoconnect-priority=500
  t '[ethernet]' "mac-address=$MAC" '[ipv4]' method=auto "route-table=$TB"
  each_eip nm_eip
  if [ -n "$PGW" ]; then
    nm_unreachable "$TB"
    nm_rule $((BASE + 200)) "$PRIV" "$TB"
  fi
  t '[ipv6]' method=auto '[user]' org.freedesktop.nm-cloud-setup.skip=yes
  want_file "$PFILE" 600 "$T"
}

uuid() {
  UUID=6d756c74-6965-4970-8000-$KEY
}

nm_eip() {
  n=$((n + 1))
  t "address$n=$1/$2"
  nm_route "$3/32" "table=$((TB + $4)),src=$1"
  nm_route "0.0.0.0/0,$3" "table=$((TB + $4)),src=$1,onlink=true"
  nm_unreachable $((TB + $4))
  nm_rule $((BASE + $4)) "$1" '254 suppress_prefixlength 0'
  nm_rule $((BASE + 100 + $4)) "$1" $((TB + $4))
}

nm_route() {
  r=$((r + 1))
  t "route$r=$1" "route${r}_options=$2"
}

nm_unreachable() {
  [ "$UNR" = n ] || nm_route 0.0.0.0/0,0.0.0.0,4294967295 "table=$1,type=unreachable"
}

nm_rule() {
  r=$((r + 1))
  t "routing-rule$r=priority $1 from $2/32 table $3"
}

activate_networkmanager() {
  uuid
  if [ ! -f "/etc/NetworkManager/system-connections/multieip-$KEY.nmconnection" ]; then
    nmcli connection delete "$UUID" >/dev/null 2>&1
    [ -n "$WAS" ] && nmcli connection up "$WAS" ifname "$D" >/dev/null 2>&1 && return 0
    run nmcli device connect "$D"
    return
  fi
  run nmcli connection load "/etc/NetworkManager/system-connections/multieip-$KEY.nmconnection" || return 1
  if [ "$PROFILE" = "$UUID" ]; then
    run nmcli device reapply "$D"
  else
    run nmcli connection up "$UUID" ifname "$D"
  fi
}

# After `reapply`, 1.42 often leaves routes of what is no longer in the profile. A connection
# that is brought up anew loses packets, so that is last.
again_networkmanager() {
  case $1 in
    4) remove_surplus ;;
    30) nmcli connection up "$UUID" ifname "$D" ;;
  esac >/dev/null 2>&1
}
