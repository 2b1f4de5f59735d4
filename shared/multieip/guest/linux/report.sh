# The answer: one line of JSON.

sysctl_of() {
  V=''
  # The kernel gives such a file in one piece only, so a shell that reads byte by byte sees no end of line.
  [ ! -r "/proc/sys/net/ipv4/conf/$D/$1" ] || read -r V <"/proc/sys/net/ipv4/conf/$D/$1" || :
  V=${V:-null}
}

# nic_json: what the answer says of the interface at hand.
nic_json() {
  text='' dhcp=unknown here=false name=null block=null private=null
  IFS=$NL
  for l in $ADDRS; do
    IFS=$SP
    # shellcheck disable=SC2086
    set -- $l
    [ "$1" = "$D" ] || continue
    text="$text${text:+,}\"$2/$3\""
    [ "$2" != "$PRIV" ] || here=true
  done
  IFS=$SP
  [ -z "$D" ] || name="\"$D\""
  [ -z "$BLOCK" ] || block=$BLOCK
  [ -z "$PRIV" ] || private="\"$PRIV\""
  [ -z "$D" ] || dhcp_state
  clean "$MANAGER"
  text="{\"mac\":\"$MAC\",\"name\":$name,\"block\":$block,\"dhcp\":\"$dhcp\",\"private\":$private,\"private_present\":$here,\"addresses\":[$text],\"eips\":[$EJ],\"manager\":\"$C\",\"writer\":\"$WRITER\",\"persistent\":$PERSISTENT"
  sysctl_of rp_filter
  text="$text,\"sysctls\":{\"rp_filter\":$V"
  sysctl_of arp_ignore
  text="$text,\"arp_ignore\":$V"
  sysctl_of arp_announce
  NICS="$NICS${NICS:+,}$text,\"arp_announce\":$V}}"
}

# dhcp_state: the kernel's word first; an address without a lifetime is no proof of a static one.
dhcp_state() {
  read_private
  if [ "$DYN" = y ]; then
    dhcp=yes
  else
    dhcp_by_manager
  fi
}

answer() {
  others_same=true
  [ -z "${BEFORE:-}" ] || [ "$BEFORE" = "$DDEV $DVIA" ] || others_same=false
  ok=true
  for d in $OURDEVS; do
    [ "$d" != "$SDEV" ] || ok=false
  done
  [ "$ok" = true ] || problem service-route "100.64.0.0/10 leaves by $SDEV, not by the primary interface; Cloud Assistant needs it: give $SDEV's default route a higher metric"
  d=null v=null
  [ -z "$DDEV" ] || d="\"$DDEV\""
  [ -z "$DVIA" ] || v="\"$DVIA\""
  printf 'multieip-answer: {"v":1,"mode":"%s","state":"%s","changed":%s,"simulated":false,' "$MODE" $STATE $CHANGED
  printf '"nics":[%s],"service_route":{"ok":%s},"default_route":{"dev":%s,"via":%s,"unchanged":%s},' "$NICS" $ok "$d" "$v" $others_same
  printf '"tools":[%s],"problems":[%s],"notes":[%s]}\n' "$TOOLS" "$PROBLEMS" "$NOTES"
}
