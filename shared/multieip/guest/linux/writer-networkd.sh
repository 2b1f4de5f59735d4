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

again_networkd() {
  [ "$1" != 30 ] || run networkctl reconfigure "$D"
}
