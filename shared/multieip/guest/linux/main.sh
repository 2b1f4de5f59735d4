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

# await: a hot-plugged interface and its lease take their time.
await() {
  n=0
  until [ -n "$D" ] && read_kernel && read_private && [ -n "$PPLEN" ]; do
    [ "$n" -lt "$WAIT" ] || break
    n=$((n + 1))
    sleep 1
    [ -n "$D" ] || prepare "$MAC" || return 1
    read_links && find_nic "$MAC"
  done
  [ -n "$D" ] || fail no-interface "no interface has the MAC $MAC after $WAIT s; attach the ENI" || return 1
  [ -n "$PPLEN" ] || fail no-private-address "$D has no private address $PRIV after $WAIT s; enable DHCP on it: without it the mode does not take effect"
}

check_nic() {
  if ! prepare "$1"; then
    nic_json
    return 1
  fi
  if [ -z "$D" ]; then
    read_addrs
    problem no-interface "no interface has the MAC $MAC; attach the ENI"
    DIFF=y
    missing
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

# missing: every EIP of an interface that is not there.
missing() {
  STALE=n
  IFS=$NL
  for l in $EIPS; do
    EJ="$EJ${EJ:+,}{\"ip\":\"${l%% *}\",\"present\":false,\"plen\":null,\"label\":null,\"rules_ok\":false,\"route_ok\":false,\"neighbour\":null}"
  done
  IFS=$SP
}

apply_nic() {
  prepare "$1" && await && look && verify && conflicts && set_nic
  e=$?
  nic_json
  return $e
}

# set_nic: nothing is touched when everything is as wanted.
set_nic() {
  state_text final
  if [ "$DIFF" = n ] && [ "$STALE" = n ] && same "$SFILE" "$ST"; then
    lasting
    return 0
  fi
  others
  old=$OTHERS theirs=$FOREIGN
  add DONE "$MAC"
  save_undo && deadman && write_state journal || fail write "${ERR:-cannot write below $RUN and $ETC}" || return 1
  change || fail apply "${ERR:-failed}" || return 1
  others
  [ "$old" = "$OTHERS" ] || fail other-routes "something besides $D changed during the run; nothing of it is ours: try again" || return 1
  write_state final || fail write "$ERR" || return 1
  lasting
}

lasting() {
  [ "$WRITER" = runtime ] || PERSISTENT=true
}

# change: a manager with a configuration of ours does it by itself, and gets help where it cannot.
# It must find no address that it did not make: networkd 252 fails later on those.
change() {
  if [ "$STALE" = y ]; then
    if native; then
      make_way
    else
      converge || return 1
    fi
    stage install && "activate_$WRITER" && settled || return 1
    read_kernel && read_private || return 1
    give_back "$theirs"
    verify
  fi
  [ "$DIFF" = n ] || converge || return 1
  probe && read_kernel && read_private && verify || return 1
  [ "$DIFF" = n ] && return 0
  ERR="not as wanted after the change: $BAD"
  return 1
}

# settled: a manager that was told to reload takes its time, and takes the lease again; it is
# believed when it says itself that it has ended and the kernel stays as wanted.
settled() {
  n=0 calm=0
  native || return 0
  while [ $n -lt 100 ] && [ $calm -lt 4 ]; do
    n=$((n + 1))
    sleep 0.1 2>/dev/null || sleep 1
    read_links && find_nic "$MAC" && read_kernel && read_private || return 1
    verify
    at_rest
    calm=$((calm + REST))
    [ "$DIFF" = n ] && [ -n "$PPLEN" ] && [ "$REST" != 0 ] || calm=0
    [ $n != 30 ] || [ $calm != 0 ] || again_"$WRITER"
  done
  if [ "$REST" = 0 ]; then
    ERR="$MANAGER failed to configure $D; see its journal"
    return 1
  fi
  [ -z "$PPLEN" ] || return 0
  ERR="$D lost its private address $PRIV when $MANAGER read its configuration again"
  return 1
}

# Both make the configuration by themselves; the others need the program.
native() {
  case $WRITER in
    networkd | networkmanager) return 0 ;;
  esac
  return 1
}

# probe: ask each gateway once, so that the answer can say whether it is a neighbour, and it learns
# where the addresses are. It need not answer.
probe() {
  command -v ping >/dev/null || return 0
  asked=' ' jobs=''
  IFS=$NL
  for l in $EIPS$NL${PGW:+$PRIV - $PGW}; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    case $asked in
      *" $3 "*) continue ;;
    esac
    asked="$asked$3 "
    ping -c 1 -W 1 -I "$1" "$3" >/dev/null 2>&1 9>&- &
    jobs="$jobs $!"
  done
  IFS=$SP
  for j in $jobs; do
    wait "$j"
  done
  return 0
}

# deadman: when this run is cut off, the old state comes back by itself. It finds nothing to do after an orderly end.
deadman() {
  [ -z "${DEADMAN:-}" ] || return 0
  cp "$0" $RUN/guest.sh || return 1
  if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then
    DEADMAN=multieip-undo-$$
    systemd-run --quiet --on-active=90 --timer-property=AccuracySec=1 --unit=$DEADMAN sh $RUN/guest.sh undo >/dev/null 2>&1 && return 0
  fi
  DEADMAN=''
  command -v setsid >/dev/null || return 0
  setsid sh -c "echo \$\$ >$RUN/deadman; sleep 90; exec sh $RUN/guest.sh undo" >/dev/null 2>&1 </dev/null 9>&- &
}

disarm() {
  case ${DEADMAN:-} in
    multieip-*) systemctl stop "$DEADMAN.timer" >/dev/null 2>&1 ;;
  esac
  if [ -f $RUN/deadman ]; then
    read -r p <$RUN/deadman
    # Its own session, so that the sleeping child goes with it.
    kill -TERM "-$p" 2>/dev/null || kill "$p" 2>/dev/null
    rm -f $RUN/deadman
  fi
  rm -f $RUN/guest.sh
}

release_nic() {
  prepare "$1" || return 1
  if [ -z "$D" ]; then
    read_kernel && gone_nic || return 1
  else
    look || return 1
    expect
    surplus
    if [ -n "$XRULES$XTAB$XADDRS$L_FILES" ]; then
      others
      old=$OTHERS theirs=$FOREIGN
      add DONE "$MAC"
      save_undo && deadman || fail write "cannot write below $RUN" || return 1
      release_kernel || fail release "${ERR:-not everything could be taken away: $XADDRS $XRULES $XTAB}" || return 1
      others
      [ "$old" = "$OTHERS" ] || fail other-routes "something besides $D changed during the run; try again" || return 1
    fi
  fi
  [ ! -f "$SFILE" ] || CHANGED=true
  rm -f "$SFILE"
  rmdir $ETC 2>/dev/null
  BLOCK='' WRITER=runtime
  nic_json
}

release_kernel() {
  if [ -n "$L_FILES" ]; then
    stage install && "activate_$WRITER" && settled && read_rules || return 1
    give_back "$theirs"
    read_kernel && expect && surplus || return 1
  fi
  remove_surplus
  [ -z "$ERR" ] && read_kernel && surplus && [ -z "$XRULES$XTAB$XADDRS" ]
}

# gone_nic: the interface is not there, so only rules, tables and files can be.
gone_nic() {
  EIPS='' WRULES='' WTAB='' MAYTAB=''
  surplus
  remove_surplus
  stage install
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
  [ -z "$DONE" ] || disarm
}

# restore [INTERFACE]: the saved sets are the wanted ones. A manager's hook and the watch ask for this.
restore() {
  saved
  for f in $SAVED; do
    DATA=$f
    read -r _ m _ <"$f"
    read_links && find_nic "$m" || continue
    [ "${1:-$D}" = "$D" ] || continue
    prepare "$m" && await && look && verify && conflicts || continue
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
    PRIV='' BLOCK='' EJ='' PERSISTENT=false MAC=$m WAS='' EIPS=''
    detect
    nic_json
  done
  IFS=$SP
}

DONE='' OURDEVS='' DDEV='' DVIA='' SDEV=''
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
