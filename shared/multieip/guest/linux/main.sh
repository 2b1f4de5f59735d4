# The modes.

# block: the one in the state file, or the lowest that no other ENI has.
block() {
  BLOCK=$L_BLOCK
  [ -z "$BLOCK" ] || return 0
  taken=' '
  set +f
  for f in "$ETC"/*.nic; do
    set -f
    [ -f "$f" ] || continue
    read -r _ _ _ b _ <"$f"
    taken="$taken$b "
  done
  set -f
  BLOCK=0
  while :; do
    case $taken in
      *" $BLOCK "*) BLOCK=$((BLOCK + 1)) ;;
      *) break ;;
    esac
  done
  [ "$BLOCK" -lt 16 ] || fail conflict "16 ENIs of this mode have their numbers on this instance; release one"
}

# prepare MAC: everything that is known before anything is done.
prepare() {
  MAC=$1 EIPS='' EJ='' PERSISTENT=false WRITER=runtime MANAGER=none BLOCK='' WAS='' D='' WFILES=''
  key "$1"
  load "$DATA" "$1"
  PRIV=$L_PRIV want=$L_EIPS
  load "$SFILE" "$1" || :
  [ "$MODE" != release ] || release_set
  GONE=$L_EIPS$NL$L_GONE WAS=$L_WAS
  features "$L_FEAT"
  block || return 1
  numbers "$BLOCK"
  [ "$MODE" = release ] || slots "$want"
  read_links || return 1
  find_nic "$1" || return 0
  OURDEVS="$OURDEVS $D"
  [ -z "$SLAVE" ] || fail enslaved "$D is a port of $SLAVE; take the ENI out of it" || return 1
  detect
  case $MODE in
    release | restore) WRITER=${L_WRITER:-runtime} ;;
    *) features "$FEAT" ;;
  esac
}

# Without a state file, the EIPs that were asked for are what has to go.
release_set() {
  IFS=$NL
  for l in $want; do
    case "$NL$L_EIPS$NL$L_GONE" in
      *"$NL${l%% *} "*) ;;
      *) add L_GONE "$l 0" ;;
    esac
  done
  IFS=$SP
  [ -z "$L_BLOCK" ] || return 0
  read_rules || return 1
  for l in $RULES; do
    case "$NL$want" in
      *"$NL$l "*) L_BLOCK=$(((p - FIRST) / 300)) ;;
    esac
    p=$l
  done
}

look() {
  read_kernel && read_private && stage compare
}

check_nic() {
  if ! prepare "$1"; then
    nic_json
    return 1
  fi
  if [ -z "$D" ]; then
    read_addrs
    problem no-interface "no interface has the MAC $MAC; attach the ENI"
    # Nothing of it is there, and every EIP is missing.
    PGW='' RULES='' TAB='' UP=n
    verify
  else
    look && verify
    [ -z "$PPLEN" ] && problem no-private-address "$D has no private address $PRIV; enable DHCP on it"
    conflicts || STATE=ok DIFF=y
    [ "$DIFF" = n ] || problem differs "${BAD:-conflict}"
    [ "$STALE" = y ] || [ "$WRITER" = runtime ] || PERSISTENT=true
  fi
  [ "$DIFF" = n ] && [ "$STALE" = n ] || [ $STATE = failed ] || STATE=differs
  nic_json
}

# orphans: an EIP of the wanted set may still stand in the state of an ENI that was detached.
orphans() {
  set +f
  for f in "$ETC"/*.nic; do
    set -f
    [ -f "$f" ] || continue
    read -r _ m _ <"$f"
    has "$MACS" "$m" && continue
    find_nic "$m" && continue
    while read -r k a _; do
      [ "$k" = eip ] && has "$IPS" "$a" || continue
      note "released $m: it is not attached, and $a belongs to another ENI now"
      keep=$MODE
      MODE=release
      release_nic "$m"
      MODE=$keep
      break
    done <"$f"
  done
  set -f
}

# each FUNCTION: for every interface of the data; the first failure ends it, and what this run did is undone.
each() {
  for m in $MACS; do
    "$1" "$m" && continue
    STATE=failed
    break
  done
  if [ $STATE = failed ] && [ -n "$DONE" ]; then
    for m in $DONE; do
      undo "$m" || problem roll-back "the old state of $m is not back: $ERR"
    done
    CHANGED=false
  fi
  for m in $DONE; do
    key "$m"
    rm -rf "$UNDO"
  done
  sweep
}

# sweep: what runs that were killed have left. Another interface's dead man is still to do its work.
sweep() {
  set +f
  for f in "$RUN".*; do
    kill -0 "${f##*.}" 2>/dev/null || rm -rf "$f"
  done
  set -- "$RUN"/undo-*/mac
  set -f
  [ -f "$1" ] || disarm
}

# restore [INTERFACE]: the saved sets are the wanted ones. A manager's hook and the watch ask for this.
restore() {
  saved
  for f in $SAVED; do
    DATA=$f
    read -r _ m _ <"$f"
    read_links && find_nic "$m" || continue
    [ "${1:-$D}" = "$D" ] || continue
    prepare "$m" && await_nic && await_address "$WAIT" && look && verify && conflicts || continue
    [ "$DIFF" = n ] || converge
    read_kernel && verify
    [ "$DIFF" = n ] || fail apply "${ERR:-$BAD}"
    nic_json
  done
}

# watch: what nobody else keeps after a link flap or a manager's clean-up is put back at once.
watch() {
  saved
  names=' '
  for f in $SAVED; do
    read -r _ _ _ _ _ _ d <"$f"
    names="$names$d "
  done
  sh "$0" restore '' 60
  if [ $TFIRST = 680 ]; then
    while sleep 10; do
      sh "$0" restore '' 1
    done
  fi
  ip monitor link address route | while read -r l; do
    for d in $names; do
      case $l in
        *[!a-z]"$d"[!0-9a-z]*) sh "$0" restore "$d" 10 && break ;;
      esac
    done
  done
}

saved() {
  SAVED=''
  set +f
  for f in "$ETC"/*.nic; do
    [ ! -f "$f" ] || SAVED="$SAVED $f"
  done
  set -f
}

# undo_all: what a run that was cut off left to be undone.
undo_all() {
  set +f
  for f in "$RUN"/undo-*/mac; do
    set -f
    [ -f "$f" ] || continue
    read -r m <"$f" && undo "$m" || fail roll-back "the old state of $m is not back: $ERR"
  done
  set -f
}

# survey: every interface, and everything of ours, without being told what is wanted.
survey() {
  saved
  seen=''
  for f in $SAVED; do
    read -r _ m _ <"$f"
    add seen "$m"
    DATA=$f
    check_nic "$m"
  done
  read_links && read_addrs
  IFS=$NL
  for l in $LINKS; do
    IFS=$SP
    case $l in
      *link/ether*) ;;
      *) continue ;;
    esac
    m=${l##*link/ether } m=${m%% *}
    has "$seen" "$m" && continue
    add seen "$m"
    find_nic "$m" || continue
    case "$NL$ADDRS" in
      *"$NL$D "*) ;;
      *) continue ;;
    esac
    PRIV='' BLOCK='' EJ='' PERSISTENT=false MAC=$m WAS='' EIPS=''
    detect
    nic_json
  done
  IFS=$SP
}

DONE='' ARMED='' WAITED=0 OURDEVS='' DDEV='' DVIA='' SDEV=''
main() {
  case $MODE in
    check | apply | release) valid_data && [ -n "$MACS" ] || fail data "the data of this script are damaged; render it again" || return ;;
    survey | restore | undo | watch) ;;
    *) fail mode "unknown mode $MODE" || return ;;
  esac
  [ "$(id -u)" = 0 ] || fail root "this script needs root" || return
  command -v ip >/dev/null || fail no-ip "there is no ip command; install iproute2" || return
  surroundings
  BEFORE="$DDEV $DVIA"
  case $MODE in
    check) for m in $MACS; do check_nic "$m"; done ;;
    survey) survey ;;
    watch) watch ;;
    *)
      lock || fail locked "another run holds the lock for more than $WAIT s; wait for its end" || return
      case $MODE in
        apply) read_links && orphans && each apply_nic ;;
        release) each release_nic ;;
        restore) restore "$DATA" ;;
        undo) undo_all ;;
      esac
      unlock
      ;;
  esac
  surroundings
}
main
answer
[ $STATE != failed ]
