# Applying and releasing one interface.

# await_nic: a hot-plugged interface takes its time. WAITED counts over all waits of a run, as the
# command in which we run has an end.
await_nic() {
  until [ -n "$D" ]; do
    [ $WAITED -lt "$WAIT" ] || fail no-interface "no interface has the MAC $MAC after $WAITED s; attach the ENI" || return 1
    WAITED=$((WAITED + 1))
    sleep 1
    prepare "$MAC" || return 1
  done
}

# await_address UNTIL: so does its lease.
await_address() {
  until afresh && [ -n "$PPLEN" ]; do
    [ $WAITED -lt "$1" ] || return 1
    WAITED=$((WAITED + 1))
    sleep 1
  done
}

# dhcp: the mode takes effect with DHCP only. An interface that its manager does not configure gets a
# configuration of ours; one that has a configuration of others is left to them.
dhcp() {
  await_address $((WAITED + 5)) && return 0
  if unconfigured; then
    add DONE "$MAC"
    keep=$EIPS EIPS='' PASS=compare WFILES='' theirs=$FOREIGN
    "write_$WRITER" && save_undo && deadman && write_state journal || fail write "$ERR" || return 1
    PASS=install WFILES=''
    "write_$WRITER" && "activate_$WRITER" && bring_up || fail dhcp "${ERR:-$MANAGER does not bring up $D}" || return 1
    EIPS=$keep L_FILES=$WFILES
  fi
  await_address "$WAIT" && give_back "${theirs:-}" && detect && features "$FEAT" && return 0
  fail no-private-address "$D has no private address $PRIV after $WAITED s; enable DHCP on it"
}

apply_nic() {
  prepare "$1" && await_nic && read_kernel && conflicts && dhcp && look && verify && set_nic
  e=$?
  nic_json
  return $e
}

# set_nic: nothing is touched when everything is as wanted.
set_nic() {
  state_text final
  if [ "$DIFF" = n ] && [ "$STALE" = n ] && same "$SFILE" "$ST"; then
    # What a run left that died at its very end is not to be undone any more.
    [ ! -d "$UNDO" ] || add DONE "$MAC"
    lasting
    return 0
  fi
  others
  old=$OTHERS theirs=$FOREIGN
  add DONE "$MAC"
  save_undo && deadman && write_state journal || fail write "${ERR:-cannot write below $RUN and $ETC}" || return 1
  change || fail apply "${ERR:-failed}" || return 1
  unharmed || return 1
  write_state final || fail write "$ERR" || return 1
  lasting
}

unharmed() {
  others
  [ "$old" = "$OTHERS" ] || fail other-routes "the primary interface, a default route or a rule of others changed during the run; try again"
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
    stage install && "activate_$WRITER" || return 1
    [ "${L_WRITER:-$WRITER}" = "$WRITER" ] || "activate_$L_WRITER"
    settled || return 1
    afresh || return 1
    give_back "$theirs"
    verify
  fi
  [ "$DIFF" = n ] || converge || return 1
  probe && afresh && verify || return 1
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
    afresh || return 1
    verify
    at_rest
    calm=$((calm + REST))
    if [ "$MODE" = release ]; then
      # Where DHCP was ours, the private address goes, too.
      [ -z "$XRULES$XTAB$XADDRS" ] || calm=0
    else
      [ "$DIFF" = n ] && [ -n "$PPLEN" ] && [ "$REST" != 0 ] || calm=0
    fi
    [ $calm != 0 ] || again_"$WRITER" $n
  done
  if [ "$REST" = 0 ]; then
    ERR="$MANAGER failed to configure $D; see its journal"
    return 1
  fi
  [ -z "$PPLEN" ] && [ "$MODE" = apply ] || return 0
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
  [ -z "$ARMED" ] || return 0
  disarm
  ARMED=y
  cp "$0" $RUN/guest.sh || return 1
  if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then
    systemd-run --quiet --on-active=90 --timer-property=AccuracySec=1 --unit=multieip-undo sh $RUN/guest.sh undo >/dev/null 2>&1 && return 0
  fi
  command -v setsid >/dev/null || return 0
  setsid sh -c "echo \$\$ >$RUN/deadman; sleep 90; exec sh $RUN/guest.sh undo" >/dev/null 2>&1 </dev/null 9>&- &
}

# disarm: this run's dead man, or the one of a run that was cut off.
disarm() {
  [ -f $RUN/guest.sh ] || return 0
  [ ! -d /run/systemd/system ] || systemctl stop multieip-undo.timer >/dev/null 2>&1
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
      unharmed || return 1
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
