# Configures EIPs on secondary ENIs, found by MAC. Usage: guest.sh MODE [DATA [WAIT]]
# Modes: check, apply, release, survey; restore (the saved sets, at boot) and undo (a run was cut off).
# shellcheck disable=SC2015 # in `a && b || c` the last is the refusal, whoever failed
# POSIX sh with iproute2, or with busybox's ip where that is all there is.
set -uf
LC_ALL=C
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
MODE=$1 DATA=${2:-/dev/null} WAIT=${3:-60}
NL=$(printf '\nx')
NL=${NL%x}
SP=$(printf ' \t')$NL
ETC=/etc/multieip
RUN=/run
[ -d $RUN ] || RUN=/var/run
RUN=$RUN/multieip
STATE=ok CHANGED=false NICS='' PROBLEMS='' NOTES='' TOOLS='' ERR=''
ADDRS='' RULES='' TAB='' MAIN='' MAINRAW='' FOREIGN=''

# Everything that is quoted in the answer passes here: no quote, backslash or control character is left.
clean() {
  case $1 in
    *[!\ -!#-[\]-~]*) C=$(printf %s "$1" | tr '\n\t' '  ' | tr -cd ' !#-[]-~') ;;
    *) C=$1 ;;
  esac
}

problem() {
  clean "$2"
  PROBLEMS="$PROBLEMS${PROBLEMS:+,}{\"code\":\"$1\",\"text\":\"$C\"}"
}

note() {
  clean "$1"
  case ",$NOTES," in
    *",\"$C\","*) ;;
    *) NOTES="$NOTES${NOTES:+,}\"$C\"" ;;
  esac
}

# A refusal or a failure: the answer says why, the caller goes no further.
fail() {
  STATE=failed
  problem "$1" "$2"
  return 1
}

has() {
  case "$NL$1$NL" in
    *"$NL$2$NL"*) return 0 ;;
  esac
  return 1
}

# add LIST LINE: append a line to the list of that name.
add() {
  eval "$1=\${$1}\${$1:+\$NL}\$2"
}

# Change something in the kernel; the first error is kept for the answer.
run() {
  CHANGED=true
  # A daemon that is started on the way must not keep the lock.
  E=$("$@" 2>&1 9>&-) && return 0
  ERR="${ERR:-$*: $E}"
  return 1
}

is_ip() {
  case $1 in
    '' | *[!0-9.]* | .* | *. | *..*) return 1 ;;
  esac
  IFS=.
  # shellcheck disable=SC2086 # the address is split at its dots
  set -- $1
  IFS=$SP
  [ $# -eq 4 ] || return 1
  for o; do
    case $o in
      ????* | 0?*) return 1 ;;
    esac
    [ "$o" -le 255 ] || return 1
  done
}

is_mac() {
  h='[0-9a-f]'
  # shellcheck disable=SC2254 # a pattern is meant
  case $1 in
    $h$h:$h$h:$h$h:$h$h:$h$h:$h$h) return 0 ;;
  esac
  return 1
}

is_number() {
  case $1 in
    '' | *[!0-9]* | 0* | ???*) return 1 ;;
  esac
}

# net IP PLEN: NET is the network's number.
net() {
  P=$2
  IFS=.
  # shellcheck disable=SC2086
  set -- $1
  IFS=$SP
  NET=$(((($1 << 24) | ($2 << 16) | ($3 << 8) | $4) >> (32 - P) << (32 - P)))
}

dotted() {
  NET=$(($1 >> 24 & 255)).$(($1 >> 16 & 255)).$(($1 >> 8 & 255)).$(($1 & 255))
}

# The data were checked where they come from; here they are checked again, before anything is done with them.
valid_data() {
  MACS='' m='' IPS='' n=1
  while read -r k a b c rest; do
    case $k in
      asof) ;;
      nic)
        is_mac "$a" && is_ip "$b" && [ -z "$c$rest" ] && enough || return 1
        has "$MACS" "$a" && return 1
        has "$IPS" "$b" && return 1
        m=$a n=0
        add MACS "$a"
        add IPS "$b"
        ;;
      eip)
        [ -n "$m" ] && is_ip "$a" && is_number "$b" && is_ip "$c" || return 1
        [ "$rest" = must ] || [ "$rest" = keep ] || return 1
        [ "$b" -ge 8 ] && [ "$b" -le 30 ] && [ "$a" != "$c" ] || return 1
        has "$IPS" "$a" && return 1
        net "$a" "$b"
        x=$NET
        net "$c" "$b"
        n=$((n + 1))
        [ "$x" = "$NET" ] && [ "$n" -le 10 ] || return 1
        add IPS "$a"
        ;;
      *) return 1 ;;
    esac
  done <"$DATA"
  enough
}

# To take all EIPs away there is `release`.
enough() {
  [ "$n" -gt 0 ] || [ "$MODE" != apply ]
}

# load FILE MAC: one interface out of a data or state file. State lines say more at their ends:
#   nic MAC PRIVATE BLOCK WRITER FEATURES NAME / eip IP PLEN GW SLOT / gone IP PLEN GW SLOT / file PATH
# and `was PROFILE`, the configuration that the manager used before ours. FEATURES: what the writer
# can make last, s for suppress_prefixlength and u for unreachable routes.
load() {
  L_PRIV='' L_BLOCK='' L_WRITER='' L_FEAT=su L_EIPS='' L_GONE='' L_FILES='' L_WAS='' m=''
  [ -f "$1" ] || return 1
  while read -r k a b c d e _; do
    [ "$k" = nic ] && m=$a
    [ "$m" = "$2" ] || continue
    case $d in must | keep) d='' ;; esac
    case $k in
      nic) L_PRIV=$b L_BLOCK=$c L_WRITER=$d L_FEAT=${e:-su} ;;
      eip) add L_EIPS "$a $b $c $d" ;;
      gone) add L_GONE "$a $b $c $d" ;;
      file) add L_FILES "$a" ;;
      was) L_WAS=$a ;;
    esac
  done <"$1"
  [ -n "$L_PRIV" ]
}

# features LETTERS: what the kernel is expected to keep.
features() {
  SUP=n UNR=n
  case $1 in *s*) SUP=y ;; esac
  case $1 in *u*) UNR=y ;; esac
}

# Only one run at a time; the lock of a run that was killed is void.
lock() {
  mkdir -p $RUN && chmod 700 $RUN || return 1
  exec 9>$RUN/lock
  n=0
  until taken; do
    [ $n -lt "$WAIT" ] || return 1
    n=$((n + 1))
    sleep 1
  done
}

taken() {
  # busybox's flock cannot wait.
  if command -v flock >/dev/null; then
    flock -n 9
    return
  fi
  (set -C && echo $$ >$RUN/pid) 2>/dev/null && return 0
  read -r p <$RUN/pid 2>/dev/null || p=''
  [ -z "$p" ] || kill -0 "$p" 2>/dev/null || rm -f $RUN/pid
  return 1
}

unlock() {
  rm -f $RUN/pid
}
