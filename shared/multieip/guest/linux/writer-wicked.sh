# wicked: ifcfg-D belongs to others, so addresses and the unreachable routes come by the unit; routes
# and rules are files of ours.
write_wicked() {
  mark
  head=$T
  if [ ! -f "/etc/sysconfig/network/ifcfg-$D" ] || has "$L_FILES" "/etc/sysconfig/network/ifcfg-$D"; then
    t "BOOTPROTO='dhcp'" "STARTMODE='auto'" "DHCLIENT_SET_DEFAULT_ROUTE='no'"
    want_file "/etc/sysconfig/network/ifcfg-$D" 644 "$T"
  fi
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
  add RULES2 "ipv4 from $1/32 table main suppress-prefixlen 0 priority $((BASE + $4))"
  add RULES2 "ipv4 from $1/32 table $x priority $((BASE + 100 + $4))"
}

activate_wicked() {
  activate_unit
}
