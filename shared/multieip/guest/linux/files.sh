# What we keep on disk: one state file for each ENI, the files of a writer, and what a roll-back needs.

key() {
  IFS=:
  # shellcheck disable=SC2086
  set -- $1
  IFS=$SP
  KEY=$1$2$3$4$5$6
  SFILE=$ETC/$KEY.nic
  UNDO=$RUN/undo-$KEY
}

# state TEXT lines for what is wanted now; with `journal` also what is on its way out, so that a run
# that is cut off leaves nothing that the next one does not know.
state_text() {
  feat=-
  [ "$SUP" = n ] || feat=s
  [ "$UNR" = n ] || feat=${feat#-}u
  ST="nic $MAC $PRIV $BLOCK $WRITER $feat $D"
  [ -z "$WAS" ] || add ST "was $WAS"
  IFS=$NL
  for l in $EIPS; do
    add ST "eip $l"
  done
  if [ "$1" = journal ]; then
    for l in $GONE; do
      case "$NL$EIPS" in
        *"$NL${l%% *} "*) ;;
        *) add ST "gone $l" ;;
      esac
    done
    for l in $L_FILES; do
      has "$WFILES" "$l" || add ST "file $l"
    done
  fi
  for l in $WFILES; do
    add ST "file $l"
  done
  IFS=$SP
}

write_state() {
  state_text "$1"
  mkdir -p $ETC && put "$SFILE" 600 "$ST"
}

# put PATH MODE TEXT: the file is the old one or the new one, never half of it.
put() {
  tmp=${1%/*}/.multieip.new
  printf '%s\n' "$3" >"$tmp" && chmod "$2" "$tmp" && mv -f "$tmp" "$1" && return 0
  ERR="${ERR:-cannot write $1}"
  return 1
}

same() {
  [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}

# want_file PATH MODE TEXT: writers call it for each file; what happens depends on PASS.
want_file() {
  add WFILES "$1"
  if same "$1" "$3"; then
    return 0
  fi
  STALE=y
  if [ -f "$1" ]; then
    case $(cat "$1") in
      *multieip-guest*) ;;
      *) fail foreign-file "$1 exists and is not ours; move it away" || return 1 ;;
    esac
  fi
  [ "$PASS" = install ] || return 0
  CHANGED=true
  # The managers read as users of their own.
  (umask 022 && mkdir -p "${1%/*}") && put "$1" "$2" "$3"
}

# stage PASS: STALE=y when a file of the writer is missing, different or too much.
stage() {
  PASS=$1 STALE=n WFILES=''
  [ -z "$EIPS" ] || "write_$WRITER" || return 1
  IFS=$NL
  for l in $L_FILES; do
    has "$WFILES" "$l" && continue
    STALE=y
    [ "$PASS" != install ] || drop_file "$l"
  done
  IFS=$SP
}

# drop_file PATH: unless another ENI needs it, too.
drop_file() {
  set +f
  for o in "$ETC"/*.nic; do
    set -f
    [ "$o" != "$SFILE" ] && grep -qsx "file $1" "$o" && return 0
  done
  set -f
  CHANGED=true
  rm -f "$1"
  case $1 in
    *.network.d/* | $ETC/*) rmdir "${1%/*}" 2>/dev/null ;;
  esac
}

# save_undo: the first copy counts; one that a cut-off run left is the true old state.
save_undo() {
  [ ! -d "$UNDO" ] || return 0
  rm -rf "$UNDO.new"
  mkdir "$UNDO.new" || return 1
  echo "$MAC" >"$UNDO.new/mac"
  [ ! -f "$SFILE" ] || cp -p "$SFILE" "$UNDO.new/state"
  n=0
  IFS=$NL
  for l in $L_FILES; do
    n=$((n + 1))
    [ ! -f "$l" ] || cp -p "$l" "$UNDO.new/$n"
    echo "$l" >>"$UNDO.new/files"
  done
  for l in $ADDRS; do
    case $l in
      "$D "*) echo "$l" >>"$UNDO.new/addrs" ;;
    esac
  done
  for l in $MAINRAW; do
    case "$l " in
      *" dev $D "*) echo "$l" >>"$UNDO.new/routes" ;;
    esac
  done
  IFS=$SP
  mv "$UNDO.new" "$UNDO"
}

# undo MAC: the old state is the wanted one, and what stood on the interface by hand comes back.
undo() {
  key "$1"
  [ -d "$UNDO" ] || return 0
  load "$SFILE" "$1" || :
  GONE=$L_EIPS$NL$L_GONE new=$L_FILES was=${L_WRITER:-runtime}
  MAC=$1 EIPS='' WFILES='' ERR='' FEAT='' WAS=$L_WAS
  [ -z "$L_PRIV" ] || PRIV=$L_PRIV FEAT=$L_FEAT BLOCK=$L_BLOCK
  if load "$UNDO/state" "$1"; then
    EIPS=$L_EIPS PRIV=$L_PRIV FEAT=$L_FEAT BLOCK=$L_BLOCK
    cp -p "$UNDO/state" "$SFILE"
  else
    rm -f "$SFILE"
  fi
  WRITER=${L_WRITER:-$was} WAS=${L_WAS:-$WAS}
  features "${FEAT:-su}"
  IFS=$NL
  for l in $new; do
    has "$L_FILES" "$l" || drop_file "$l"
  done
  n=0
  for l in $L_FILES; do
    n=$((n + 1))
    [ ! -f "$UNDO/$n" ] || cp -p "$UNDO/$n" "$l"
  done
  IFS=$SP
  rmdir $ETC 2>/dev/null
  numbers "${BLOCK:-0}"
  if read_links && find_nic "$1"; then
    if [ -n "$new$L_FILES" ]; then
      detect
      read_rules
      theirs=$FOREIGN
      "activate_$was"
      [ "${L_WRITER:-$was}" = "$was" ] || "activate_$L_WRITER"
      settled && read_rules
      give_back "$theirs"
    fi
    read_kernel && read_private && expect && surplus && converge
    by_hand
  else
    gone_nic
  fi
  rm -rf "$UNDO"
  [ -z "$ERR" ]
}

# Addresses and routes that stood on D before and are not ours.
by_hand() {
  read_addrs || return 1
  [ -f "$UNDO/addrs" ] || return 0
  while read -r d a p n f; do
    case "$NL$ADDRS" in
      *"$NL$D $a "*) continue ;;
    esac
    set -- "$a/$p" dev "$D" label "$n"
    case $f in
      *d*) continue ;;
      *n*) set -- "$@" noprefixroute ;;
    esac
    case $f in
      *b*) set -- "$@" brd + ;;
    esac
    ip -4 addr add "$@"
  done <"$UNDO/addrs" >/dev/null 2>&1
  [ -f "$UNDO/routes" ] || return 0
  while read -r l; do
    # shellcheck disable=SC2086
    ip -4 route add ${l%% linkdown*}
  done <"$UNDO/routes" >/dev/null 2>&1
}
