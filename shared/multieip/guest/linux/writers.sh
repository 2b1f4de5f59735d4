# One pair of functions for each manager: write_X names the files by want_file, activate_X makes the
# manager read them. The lines of a file are in T.
SCRIPTS=/etc/sysconfig/network-scripts
UNITS=/etc/systemd/system

write_runtime() {
  :
}

activate_runtime() {
  :
}

t() {
  for o; do
    add T "$o"
  done
}

# each_eip FUNCTION: call it with IP PLEN GW SLOT for each EIP.
each_eip() {
  IFS=$NL
  for e in $EIPS; do
    IFS=$SP
    # shellcheck disable=SC2086
    "$1" $e
  done
  IFS=$SP
}

# networkd: a drop-in beside the interface's own file, or a file where there is none.
write_networkd() {
  mark
  f=/etc/systemd/network/05-multieip-$KEY.network
  case $NETFILE in
    '' | "$f") t '[Match]' "MACAddress=$MAC" '[Network]' DHCP=ipv4 '[DHCPv4]' RouteMetric=2048 ;;
    *) f=/etc/systemd/network/${NETFILE##*/}.d/50-multieip.conf ;;
  esac
  each_eip networkd_eip
  if [ -n "$PGW" ]; then
    networkd_table "$TB" "$PSUB" "$PGW" ''
    networkd_rule "$PRIV" "$TB" $((BASE + 200))
  fi
  want_file "$f" 644 "$T"
}

networkd_eip() {
  label "$4"
  no='AddPrefixRoute=no'
  # Before 245 the key had another name and the opposite sense.
  [ "$SUP" = y ] || no='PrefixRoute=yes'
  t '[Address]' "Address=$1/$2" $no "Label=$LABEL"
  networkd_table $((TB + $4)) "$3/32" "$3" "$1"
  if [ "$SUP" = y ]; then
    networkd_rule "$1" 254 $((BASE + $4))
    t SuppressPrefixLength=0
  fi
  networkd_rule "$1" $((TB + $4)) $((BASE + 100 + $4))
}

# networkd_table TABLE LINK GW SOURCE
networkd_table() {
  t '[Route]' "Destination=$2" Scope=link "Table=$1"
  [ -z "$4" ] || t "PreferredSource=$4"
  t '[Route]' "Gateway=$3" GatewayOnLink=yes "Table=$1"
  [ -z "$4" ] || t "PreferredSource=$4"
  t '[Route]' Destination=0.0.0.0/0 Type=unreachable Metric=4294967295 "Table=$1"
}

networkd_rule() {
  t '[RoutingPolicyRule]' "From=$1/32" "Table=$2" "Priority=$3"
}

activate_networkd() {
  case $MANAGER in
    *networkd\ 23[0-9] | *networkd\ 24[0-3]) run systemctl restart systemd-networkd ;;
    *) run networkctl reload ;;
  esac
}

# again_X: a second, stronger try for a manager that did not do what its configuration says.
again_networkd() {
  run networkctl reconfigure "$D"
}

again_networkmanager() {
  nmcli connection up "$UUID" ifname "$D" >/dev/null 2>&1
}

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

hook() {
  T='#!/bin/sh'
  t '# multieip-guest: written by a tool, changes are lost' "$2" \
    "[ ! -f $ETC/guest.sh ] || sh $ETC/guest.sh restore \"\$$3\" 30 >/dev/null 2>&1" 'exit 0'
  want_file "$1" 755 "$T"
}

# shellcheck disable=SC2016 # the hook expands it
write_ifupdown() {
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

# network-scripts: aliases without GATEWAY, which would move the default route, and route and rule files.
write_scripts() {
  mark
  head=$T
  if [ ! -f "$SCRIPTS/ifcfg-$D" ] || has "$L_FILES" "$SCRIPTS/ifcfg-$D"; then
    t "DEVICE=$D" "HWADDR=$MAC" TYPE=Ethernet BOOTPROTO=dhcp ONBOOT=yes DEFROUTE=no
    want_file "$SCRIPTS/ifcfg-$D" 644 "$T"
  fi
  ROUTES='' RULES2=''
  each_eip scripts_eip
  if [ -n "$PGW" ]; then
    add ROUTES "$PSUB dev $D scope link table $TB"
    add ROUTES "default via $PGW dev $D onlink table $TB"
    add ROUTES "unreachable default metric 4294967295 table $TB"
    add RULES2 "from $PRIV/32 lookup $TB pref $((BASE + 200))"
  fi
  want_file "$SCRIPTS/route-$D" 644 "$head$NL$ROUTES" && want_file "$SCRIPTS/rule-$D" 644 "$head$NL$RULES2" && write_unit
}

scripts_eip() {
  plen_mask "$2"
  T=$head
  t "DEVICE=$D:e$4" TYPE=Ethernet BOOTPROTO=static ONPARENT=yes "IPADDR=$1" "NETMASK=$MASK"
  want_file "$SCRIPTS/ifcfg-$D:e$4" 644 "$T"
  table_lines "$1" "$3" "$4"
}

plen_mask() {
  dotted $((0xffffffff << (32 - $1) & 0xffffffff))
  MASK=$NET
}

table_lines() {
  x=$((TB + $3))
  add ROUTES "$2 dev $D scope link table $x"
  add ROUTES "default via $2 dev $D onlink table $x"
  add ROUTES "unreachable default metric 4294967295 table $x"
  add RULES2 "from $1/32 lookup main suppress_prefixlength 0 pref $((BASE + $3))"
  add RULES2 "from $1/32 lookup $x pref $((BASE + 100 + $3))"
}

activate_scripts() {
  activate_unit
}

# wicked: ifcfg-D belongs to others, so addresses come by the unit; routes and rules are files of ours.
write_wicked() {
  mark
  head=$T
  ROUTES='' RULES2=''
  each_eip wicked_eip
  if [ -n "$PGW" ]; then
    add ROUTES "default $PGW - $D table $TB"
    add RULES2 "ipv4 from $PRIV/32 table $TB priority $((BASE + 200))"
  fi
  want_file "/etc/sysconfig/network/ifroute-$D" 644 "$head$NL$ROUTES" \
    && want_file "/etc/sysconfig/network/ifrule-$D" 644 "$head$NL$RULES2" && write_unit
}

wicked_eip() {
  x=$((TB + $4))
  add ROUTES "$3/32 - - $D table $x"
  add ROUTES "default $3 - $D table $x onlink"
  add ROUTES "default - - - unreachable metric 4294967295 table $x"
  add RULES2 "ipv4 from $1/32 table main suppress-prefixlen 0 priority $((BASE + $4))"
  add RULES2 "ipv4 from $1/32 table $x priority $((BASE + 100 + $4))"
}

activate_wicked() {
  activate_unit
}
