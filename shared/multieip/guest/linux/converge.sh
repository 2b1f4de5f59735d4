# What the kernel should have, and making it so. EIPS and GONE hold lines `ip plen gw slot`.

# slots: give each wanted EIP (ip plen gw) the slot it had, so that its neighbours keep their numbers.
# A new one comes after all others: NetworkManager 1.42 loses addresses that move to the front.
slots() {
  EIPS='' used='' top=0
  IFS=$NL
  for l in $L_EIPS$NL$L_GONE; do
    used="$used ${l##* } "
    [ "${l##* }" -le "$top" ] || top=${l##* }
  done
  for l in $1; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    s=''
    IFS=$NL
    for o in $L_EIPS$NL$L_GONE; do
      case $o in
        "$1 "*) s=${o##* } ;;
      esac
    done
    IFS=$SP
    if [ -z "$s" ]; then
      s=$((top + 1))
      [ $s -le 20 ] || s=1
      while :; do
        case $used in
          *" $s "*) s=$((s + 1)) ;;
          *) break ;;
        esac
      done
      used="$used $s " top=$s
    fi
    add EIPS "$1 $2 $3 $s"
  done
  IFS=$SP
  EIPS=$(echo "$EIPS" | sort -n -k 4)
}

# expect: lists what the rules and tables of the block have to hold; MAYTAB is no fault either.
expect() {
  WRULES='' WTAB='' MAYTAB='' u=WTAB
  [ "$UNR" = y ] || u=MAYTAB
  if [ -n "$PGW" ] && [ -n "$EIPS" ]; then
    add WRULES "$((BASE + 200)) $PRIV $TB -"
    add WTAB "$TB unicast default $PGW $D"
    add WTAB "$TB unicast $PSUB - $D"
    add $u "$TB unreachable default - -"
  fi
  IFS=$NL
  for l in $EIPS; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    [ "$SUP" = n ] || add WRULES "$((BASE + $4)) $1 main 0"
    add WRULES "$((BASE + 100 + $4)) $1 $((TB + $4)) -"
    add WTAB "$((TB + $4)) unicast $3 - $D"
    add WTAB "$((TB + $4)) unicast default $3 $D"
    add $u "$((TB + $4)) unreachable default - -"
  done
  IFS=$SP
}

# surplus: XRULES, XTAB and XADDRS are ours or stand in our numbers, and are not wanted. DHCP and the
# managers may put routes of the interface beside ours into the private address's table.
surplus() {
  XRULES='' XTAB='' XADDRS=''
  IFS=$NL
  for l in $RULES; do
    p=${l%% *}
    [ "$p" -ge "$BASE" ] && [ "$p" -lt $((BASE + 300)) ] || continue
    has "$WRULES" "$l" || add XRULES "$l"
  done
  for l in $TAB; do
    t=${l%% *}
    [ "$t" -ge "$TB" ] && [ "$t" -lt $((TB + TSTEP)) ] || continue
    has "$WTAB$NL$MAYTAB" "$l" && continue
    case $l in
      "$TB unicast "*" $D") [ -z "$EIPS" ] || continue ;;
    esac
    add XTAB "$l"
  done
  for l in $GONE; do
    case "$NL$EIPS" in
      *"$NL${l%% *} "*) continue ;;
    esac
    for a in $ADDRS; do
      case $a in
        "$D ${l%% *} "*) add XADDRS "$a" ;;
      esac
    done
  done
  IFS=$SP
}

# promote: without this the kernel takes every other EIP of the same subnet away, too.
promote() {
  echo 1 2>/dev/null >"/proc/sys/net/ipv4/conf/$D/promote_secondaries"
}

remove_surplus() {
  [ -z "$XADDRS" ] || promote
  IFS=$NL
  for l in $XADDRS; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    run ip -4 addr del "$2/$3" dev "$D"
  done
  IFS=$NL
  for l in $XRULES; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    run ip -4 rule del pref "$1" from "$2" lookup "$3"
  done
  IFS=$NL
  for l in $XTAB; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    t=$1 y=$2 g=$3 v=$4 d=$5
    set -- "$y" "$g"
    [ "$v" = - ] || set -- "$@" via "$v"
    [ "$d" = - ] || set -- "$@" dev "$d"
    # A route may have gone with the address that it needed.
    ip -4 route del "$@" table "$t" 2>/dev/null
    CHANGED=true
  done
  IFS=$SP
}

rule() {
  has "$RULES" "$1 $2 $3 $4" && return 0
  if [ "$4" = - ]; then
    run ip -4 rule add pref "$1" from "$2/32" lookup "$3"
  else
    run ip -4 rule add pref "$1" from "$2/32" lookup "$3" suppress_prefixlength "$4"
  fi
}

unreachable() {
  has "$TAB" "$1 unreachable default - -" || run ip -4 route add unreachable default metric 4294967295 table "$1"
}

# route TABLE DEST VIA SRC
route() {
  has "$TAB" "$1 unicast $2 $3 $D" && return 0
  if [ "$3" = - ]; then
    run ip -4 route replace "$2" dev "$D" scope link src "$4" table "$1"
  else
    run ip -4 route replace "$2" via "$3" dev "$D" src "$4" onlink table "$1"
  fi
}

label() {
  LABEL=$D:e$1
  [ ${#LABEL} -le 15 ] || LABEL=$D
}

# address IP PLEN SLOT: with its own prefix, so that ARP chooses a good sender, but without a prefix
# route, so that the main table stays clean. An address that stands in another form is replaced.
address() {
  has_address "$1" "$2" && return 0
  if [ -n "$HAVE" ]; then
    # shellcheck disable=SC2086
    set -- "$@" $HAVE
    promote
    run ip -4 addr del "$1/$6" dev "$D" || return 1
    # The next address of its subnet may have been promoted and given a prefix route.
    read_routes || return 1
  fi
  label "$3"
  CHANGED=true
  E=$(ip -4 addr add "$1/$2" brd + dev "$D" label "$LABEL" noprefixroute 2>&1) && return 0
  # Old tools do not know the word: the prefix route is taken away again at once.
  run ip -4 addr add "$1/$2" brd + dev "$D" label "$LABEL" || return 1
  net "$1" "$2"
  dotted "$NET"
  run ip -4 route del "$NET/$2" dev "$D" src "$1" table main
}

# make_way: EIPs that stand on D in another form than the writer's own.
make_way() {
  IFS=$NL
  for l in $EIPS; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    case "$L_WRITER " in
      "$WRITER "*) has_address "$1" "$2" && continue ;;
      *) has_address "$1" "$2" ;;
    esac
    [ -n "$HAVE" ] || continue
    # shellcheck disable=SC2086
    set -- $HAVE
    promote
    run ip -4 addr del "$2/$3" dev "$D"
  done
  IFS=$SP
}

# has_address IP PLEN: true when it is on D as wanted; HAVE is the line of ADDRS that speaks of it.
has_address() {
  HAVE=''
  IFS=$NL
  for l in $ADDRS; do
    case $l in
      "$D $1 "*) HAVE=$l ;;
    esac
  done
  IFS=$SP
  case $HAVE in
    '') return 1 ;;
    "$D $1 $2 "*) ;;
    *) return 1 ;;
  esac
  case "$NL$MAIN$NL" in
    *"/$2 - $D $1 "*) return 1 ;;
  esac
}

# Rules and the unreachable default come first, so that nothing leaves by another way in between.
converge() {
  remove_surplus
  [ "$UP" = y ] || run ip link set dev "$D" up || return 1
  IFS=$NL
  for l in $EIPS; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    t=$((TB + $4))
    unreachable $t && rule $((BASE + 100 + $4)) "$1" $t - || return 1
    if [ "$SUP" = y ] && ! rule $((BASE + $4)) "$1" main 0; then
      SUP=n ERR=''
      note "no suppress_prefixlength here: containers do not reach the EIPs"
    fi
    address "$1" "$2" "$4" || return 1
    t=$((TB + $4))
    route "$t" "$3" - "$1" && route "$t" default "$3" "$1" || return 1
  done
  IFS=$SP
  [ -n "$PGW" ] && [ -n "$EIPS" ] || return 0
  unreachable "$TB" && rule $((BASE + 200)) "$PRIV" "$TB" - || return 1
  route "$TB" "$PSUB" - "$PRIV" && route "$TB" default "$PGW" "$PRIV"
}
