# Says the truth about one interface, from what was read of the kernel and from routes asked of it.

# verify: DIFF=y when anything is not as wanted; EJ is the answer's list of EIPs.
verify() {
  expect
  surplus
  DIFF=n EJ='' BAD=''
  [ -z "$XRULES$XTAB$XADDRS" ] || differs "surplus: $XADDRS $XRULES $XTAB"
  [ "$UP" = y ] || differs "$D is down"
  IFS=$NL
  for l in $WRULES; do
    case $l in
      "$((BASE + 200)) "*) has "$RULES" "$l" || differs "$PRIV lacks rule $l" ;;
    esac
  done
  for l in $WTAB; do
    case $l in
      "$TB "*) has "$TAB" "$l" || differs "$PRIV lacks route $l" ;;
    esac
  done
  NEIGH=$(ip -4 neigh show dev "$D" 2>/dev/null)
  for l in $EIPS; do
    IFS=$SP
    # shellcheck disable=SC2086
    verify_eip $l
  done
  IFS=$SP
}

differs() {
  DIFF=y BAD="$BAD${BAD:+; }$1"
}

# verify_eip IP PLEN GW SLOT
verify_eip() {
  here=false rules=true routes=true plen=null name=null leaves=null
  t=$((TB + $4))
  if has_address "$1" "$2"; then
    here=true
  else
    differs "$1/$2 is not on $D as wanted"
  fi
  if [ -n "$HAVE" ]; then
    h=${HAVE#* * }
    plen=${h%% *} h=${h#* } name=\"${h%% *}\" here=true
  fi
  has "$RULES" "$((BASE + 100 + $4)) $1 $t -" || rules=false
  [ "$SUP" = n ] || has "$RULES" "$((BASE + $4)) $1 main 0" || rules=false
  for r in "unicast $3 - $D" "unicast default $3 $D" "unreachable default - -"; do
    has "$TAB" "$t $r" || [ "$UNR$r" = "nunreachable default - -" ] || routes=false
  done
  if [ $here = true ]; then
    [ $rules = true ] || differs "$1 lacks a rule"
    [ $routes = true ] || differs "$1 lacks a route in table $t"
    route_get 192.0.2.1 from "$1"
    leaves="\"$RDEV${RVIA:+ $RVIA}\""
    if [ "$RDEV $RVIA" != "$D $3" ]; then
      routes=false
      differs "replies of $1 leave by ${RDEV:-nothing}${RVIA:+ via $RVIA}, not by $D via $3"
    fi
  fi
  neighbour "$3"
  EJ="$EJ${EJ:+,}{\"ip\":\"$1\",\"present\":$here,\"plen\":$plen,\"label\":$name,\"rules_ok\":$rules,\"route_ok\":$routes,\"leaves\":$leaves,\"neighbour\":$NEAR}"
}

# neighbour GW: NEAR is the kernel's word for it, such as REACHABLE.
neighbour() {
  NEAR=null
  IFS=$NL
  for r in $NEIGH; do
    r=${r% }
    case $r in
      "$1 "*) NEAR=\"${r##* }\" ;;
    esac
  done
  IFS=$SP
}

# surroundings: the default route, the way to the cloud's services, and who else configures the interface.
surroundings() {
  route_get 192.0.2.1
  DDEV=$RDEV DVIA=$RVIA
  route_get 100.100.100.200
  SDEV=$RDEV
}

# primary: D is where the default route goes, and no older interface has one. At boot it may just be the first.
primary() {
  [ "$D" = "$DDEV" ] && [ "$MODE" != restore ] || return 1
  IFS=$NL
  for l in $MAIN; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    case "$1 ${LINKS%%": $D"[:@]*}" in
      default\ *": $3"[:@]*) return 1 ;;
    esac
  done
  IFS=$SP
}

# conflicts: refuse before the first write when somebody else uses our numbers or one of the EIPs.
conflicts() {
  ! primary || fail conflict "$D is the primary interface; EIPs of this mode belong to a secondary ENI" || return 1
  IFS=$NL
  ours=" $PRIV $L_PRIV "
  for l in $EIPS$NL$GONE; do
    ours="$ours${l%% *} "
  done
  for l in $RULES; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    if [ "$1" -ge "$BASE" ] && [ "$1" -lt $((BASE + 300)) ]; then
      case $ours in
        *" $2 "*) ;;
        *) fail conflict "priority $1 is used by a rule that is not ours (from $2 lookup $3); move it out of $BASE-$((BASE + 299))" ;;
      esac
    else
      case "$NL$EIPS" in
        *"$NL$2 "*) fail conflict "EIP $2 has rule $1 of another ENI's block; release it there first" ;;
      esac
    fi
  done
  IFS=$NL
  for l in $TAB; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    [ "$1" -ge "$TB" ] && [ "$1" -lt $((TB + TSTEP)) ] || continue
    case $5 in
      - | "$D") ;;
      *) fail conflict "table $1 holds a route that is not ours ($3 dev $5); move it out of $TB-$((TB + TSTEP - 1))" ;;
    esac
  done
  IFS=$NL
  for l in $ADDRS; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    [ "$1" != "$D" ] || continue
    case "$NL$EIPS" in
      *"$NL$2 "*) fail conflict "EIP $2 is on interface $1 already; take it away there first" ;;
    esac
  done
  IFS=$SP
  [ $STATE != failed ]
}
