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
