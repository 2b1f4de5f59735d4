# Reads the kernel. Lists hold one normal line each, so that a plain comparison answers a question:
#   ADDRS  dev ip plen label flags     (d: by DHCP, n: no prefix route, b: broadcast, -: none)
#   RULES  pref from table suppress    (only priorities of our range)
#   TAB    table type dest via dev     (only tables of our range)
#   MAIN   dest via dev src metric     (the main table)

# One block of numbers for each ENI: rules from 21000 + 300 * block. Tables have the same numbers,
# except with busybox's ip, which knows none above 1023.
FIRST=21000 LAST=25799
case $(ip -V 2>&1) in
  *iproute2*) TFIRST=21000 TSTEP=300 ;;
  *) TFIRST=680 TSTEP=21 ;;
esac

numbers() {
  BASE=$((FIRST + 300 * $1)) TB=$((TFIRST + TSTEP * $1))
}

read_links() {
  LINKS=$(ip -o link show 2>&1) || fail read "ip link: $LINKS"
}

# shellcheck disable=SC2034 # X is for the managers
# find_nic MAC: D is the interface's name and X its number; children such as VLANs share the MAC and are skipped.
find_nic() {
  D='' X='' UP=n SLAVE='' w=$1
  IFS=$NL
  for l in $LINKS; do
    IFS=$SP
    case $l in
      *"link/ether $w "*) ;;
      *) continue ;;
    esac
    # shellcheck disable=SC2086
    set -- $l
    i=${1%:} d=${2%:}
    case $d in
      *@if[0-9]*) d=${d%%@*} ;;
      *@*) continue ;;
    esac
    case $l in
      *" master "*) SLAVE=${l#* master } SLAVE=${SLAVE%% *} D=$d X=$i ;;
    esac
    [ -z "$D" ] || continue
    D=$d X=$i
    case $l in
      *[\<,]UP[,\>]*) UP=y ;;
    esac
  done
  IFS=$SP
  [ -n "$D" ]
}

read_addrs() {
  ADDRS=''
  raw=$(ip -4 -o addr show 2>&1) || fail read "ip addr: $raw" || return 1
  IFS=$NL
  for l in $raw; do
    IFS=$SP
    l=${l%%\\*}
    # shellcheck disable=SC2086
    set -- $l
    [ "${3:-}" = inet ] || continue
    d=$2 a=${4%/*} p=${4#*/} f=''
    [ "$p" != "$4" ] || p=32
    case " $l " in
      *" dynamic "*) f=d ;;
    esac
    case " $l " in
      *" noprefixroute "*) f=${f}n ;;
    esac
    case $l in
      *" brd "*) f=${f}b ;;
    esac
    shift $(($# - 1))
    add ADDRS "$d $a $p $1 ${f:--}"
  done
  IFS=$SP
}

read_rules() {
  RULES='' FOREIGN=''
  raw=$(ip -4 rule show 2>&1) || fail read "ip rule: $raw" || return 1
  IFS=$NL
  for l in $raw; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    p=${1%:} from=all t=- s=-
    if [ "$p" -lt $FIRST ] || [ "$p" -gt $LAST ]; then
      shift
      add FOREIGN "$p $*"
      continue
    fi
    shift
    while [ $# -gt 0 ]; do
      case $1 in
        from) from=${2%/32} && shift ;;
        lookup) t=$2 && shift ;;
        suppress_prefixlength) s=$2 && shift ;;
        proto | protocol) shift ;;
        *) from="$from+$1" ;;
      esac
      shift
    done
    add RULES "$p $from $t $s"
  done
  IFS=$SP
}

read_routes() {
  TAB='' MAIN='' MAINRAW=''
  raw=$(ip -4 route show table all 2>&1) || fail read "ip route: $raw" || return 1
  IFS=$NL
  for l in $raw; do
    IFS=$SP
    case $l in
      *" table local"*) continue ;;
    esac
    # shellcheck disable=SC2086
    set -- $l
    y=unicast v=- d=- t=main s=- m=0
    case $1 in
      unicast | unreachable | blackhole | prohibit | throw | nat) y=$1 && shift ;;
    esac
    g=${1%/32}
    while shift && [ $# -gt 0 ]; do
      case $1 in
        via) v=$2 ;;
        dev) d=$2 ;;
        table) t=$2 ;;
        src) s=$2 ;;
        metric) m=$2 ;;
      esac
    done
    [ "$y" = unicast ] || d=-
    if [ "$t" = main ]; then
      add MAIN "$g $v $d $s $m"
      add MAINRAW "$l"
    elif is_table "$t"; then
      add TAB "$t $y $g $v $d"
    fi
  done
  IFS=$SP
}

is_table() {
  case $1 in
    *[!0-9]*) return 1 ;;
  esac
  [ "$1" -ge $TFIRST ] && [ "$1" -lt $((TFIRST + TSTEP * 16)) ]
}

read_kernel() {
  read_addrs && read_rules && read_routes
}

# afresh: everything of the interface at hand.
afresh() {
  read_links && find_nic "$MAC" && read_kernel && read_private
}

# route_get TO [from IP]: RDEV and RVIA say where the kernel sends it.
route_get() {
  RDEV='' RVIA=''
  raw=$(ip -4 route get "$@" 2>/dev/null) || return 0
  # shellcheck disable=SC2086
  set -- $raw
  while [ $# -gt 1 ]; do
    case $1 in
      via) RVIA=$2 ;;
      dev) RDEV=$2 ;;
    esac
    shift
  done
}

# others: rules that are not ours, every default route, and what the primary interface has: the same
# before and after. Other interfaces come and go with containers and say nothing.
others() {
  OTHERS=$FOREIGN
  IFS=$NL
  for l in $MAINRAW; do
    case "$l " in
      *" dev $D "*) ;;
      default* | *" dev ${DDEV:-$D} "*) add OTHERS "$l" ;;
    esac
  done
  for l in $ADDRS; do
    case $l in
      "$D "*) ;;
      "${DDEV:-$D} "*) add OTHERS "$l" ;;
    esac
  done
  IFS=$SP
}

# give_back LIST: rules of others that networkd took away, as it does with all that it did not make.
give_back() {
  IFS=$NL
  for l in $1; do
    has "$FOREIGN" "$l" && continue
    IFS=$SP
    # shellcheck disable=SC2086
    ip -4 rule add pref $l 2>/dev/null
    IFS=$NL
  done
  IFS=$SP
}

# The private address on D: PPLEN, its network PSUB, and PGW, the gateway of DHCP for it. The ENI
# and the primary interface are often in one vSwitch, so the primary's gateway may serve.
read_private() {
  PPLEN='' PSUB='' PGW='' DYN=n
  IFS=$NL
  for l in $ADDRS; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    [ "$1 $2" = "$D $PRIV" ] || continue
    PPLEN=$3
    case $5 in
      d*) DYN=y ;;
    esac
  done
  IFS=$SP
  [ -n "$PPLEN" ] || return 0
  net "$PRIV" "$PPLEN"
  x=$NET
  dotted "$NET"
  PSUB=$NET/$PPLEN
  IFS=$NL
  for l in $TAB$NL$MAIN; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    case $l in
      "$TB unicast default "[0-9]*" $D") g=$4 ;;
      "default "[0-9]*) g=$2 ;;
      *) continue ;;
    esac
    net "$g" "$PPLEN"
    if [ "$NET" = "$x" ]; then
      PGW=$g
      break
    fi
  done
  IFS=$SP
}
