# Who runs the interface, and what its writer can make last.

# detect: MANAGER is a name for people, WRITER the functions that fit, FEAT what the writer can keep.
detect() {
  MANAGER=none WRITER=runtime FEAT=su NETFILE='' TOOLS=''
  tools
  by_networkmanager || by_networkd || by_wicked || by_scripts || by_ifupdown || by_systemd || :
}

version() {
  V=${1%%[!0-9]*}
  M=${1#*.}
  M=${M%%[!0-9]*}
}

by_networkmanager() {
  [ -d /run/NetworkManager ] && command -v nmcli >/dev/null || return 1
  PROFILE=$(nmcli -g GENERAL.STATE,GENERAL.CON-UUID device show "$D" 2>/dev/null) || return 1
  case $PROFILE in
    '' | 10\ * | 10) return 1 ;;
  esac
  case $PROFILE in
    *"$NL"*) PROFILE=${PROFILE#*"$NL"} ;;
    *) PROFILE='' ;;
  esac
  v=$(nmcli --version) v=${v##* }
  version "$v"
  MANAGER="NetworkManager $v" WRITER=dispatcher
  if [ "$V" -gt 1 ] || [ "$M" -ge 20 ]; then
    WRITER=networkmanager
    # Routes of a type other than unicast are known since 1.36.
    [ "$V" -gt 1 ] || [ "$M" -ge 36 ] || FEAT=s
  fi
}

by_networkd() {
  f=/run/systemd/netif/links/$X a=''
  [ -r "$f" ] && command -v networkctl >/dev/null || return 1
  while IFS='=' read -r k v; do
    case $k in
      ADMIN_STATE) a=$v ;;
      NETWORK_FILE) NETFILE=$v ;;
    esac
  done <"$f"
  IFS=$SP
  # It runs the machine but not this interface: a file of our own makes it.
  set +f
  [ "$a" != unmanaged ] || grep -qs '^ADMIN_STATE=configur' /run/systemd/netif/links/* || f=''
  set -f
  [ -n "$f" ] || return 1
  v=$(networkctl --version) v=${v#systemd } v=${v%%[!0-9]*}
  MANAGER="systemd-networkd $v" WRITER=networkd
  case $NETFILE in
    */*-netplan-*) MANAGER="netplan, $MANAGER" ;;
  esac
  if [ "$v" -lt 237 ]; then
    WRITER=unit
    [ -d /run/systemd/system ] || WRITER=runtime
  elif [ "$v" -lt 245 ]; then
    FEAT=u WRITER=networkd
  fi
}

by_wicked() {
  command -v wicked >/dev/null && [ -d /etc/sysconfig/network ] || return 1
  MANAGER=wicked WRITER=wicked
}

by_scripts() {
  [ -f $SCRIPTS/ifup-eth ] || return 1
  MANAGER=network-scripts WRITER=scripts
}

by_ifupdown() {
  [ -f /etc/network/interfaces ] && [ -d /etc/network/if-up.d ] && command -v ifup >/dev/null || return 1
  MANAGER=ifupdown WRITER=ifupdown
}

by_systemd() {
  [ -d /run/systemd/system ] && WRITER=unit
}

# unconfigured: the manager runs, but nobody told it anything about the interface.
unconfigured() {
  case $WRITER in
    networkd) [ -z "$NETFILE" ] ;;
    networkmanager) [ -z "$PROFILE" ] ;;
    scripts) [ ! -f "$SCRIPTS/ifcfg-$D" ] ;;
    wicked) [ ! -f "/etc/sysconfig/network/ifcfg-$D" ] ;;
    ifupdown) no_stanza ;;
    *) return 1 ;;
  esac
}

no_stanza() {
  set +f
  set -- /etc/network/interfaces /etc/network/interfaces.d/*
  set -f
  grep -q '^source.*/etc/network/interfaces\.d' /etc/network/interfaces && ! grep -qsE "^iface +$D +inet( |$)" "$@"
}

# bring_up: the managers that are no daemons do nothing by themselves.
bring_up() {
  case $WRITER in
    scripts | ifupdown) run ifup "$D" ;;
    wicked) run wicked ifup "$D" ;;
  esac
}

# at_rest: REST is 2 when the manager says that it has ended, 1 when it is still at something such as
# IPv6, and 0 when it has failed.
at_rest() {
  REST=2
  [ "$WRITER" = networkd ] && [ -r "/run/systemd/netif/links/$X" ] || return 0
  case $(cat "/run/systemd/netif/links/$X") in
    *ADMIN_STATE=failed*) REST=0 ;;
    *ADMIN_STATE=configured*) ;;
    *) REST=1 ;;
  esac
}

# tools: who else may configure the same interface behind our back.
tools() {
  set +f
  for f in /etc/systemd/system/*/nm-cloud-setup.* /etc/systemd/system/*/eni.service /etc/cni/net.d/*terway* /run/cloud-init; do
    [ -e "$f" ] || continue
    case $f in
      *nm-cloud-setup*) f=nm-cloud-setup ;;
      *eni.service) f=multi-nic-util ;;
      *terway*) f=terway ;;
      *) f=cloud-init ;;
    esac
    case $TOOLS in
      *"\"$f\""*) ;;
      *) TOOLS="$TOOLS${TOOLS:+,}\"$f\"" ;;
    esac
  done
  set -f
}

# mark TEXT: the first line of every file of ours names the interface and the set.
mark() {
  h=$(printf %s "$PRIV $PGW $EIPS" | cksum)
  T="# multieip-guest $MAC set ${h%% *}: written by a tool, changes are lost"
}

# dhcp_by_manager: for clients that give addresses without a lifetime.
dhcp_by_manager() {
  case $WRITER in
    networkd) [ ! -s "/run/systemd/netif/leases/$X" ] || dhcp=yes ;;
    networkmanager | dispatcher)
      case $(nmcli -g ipv4.method connection show "$PROFILE" 2>/dev/null) in
        auto) dhcp=yes ;;
        manual) dhcp=no ;;
      esac
      ;;
    scripts | wicked)
      case $(cat $SCRIPTS/ifcfg-"$D" /etc/sysconfig/network/ifcfg-"$D" 2>/dev/null) in
        *BOOTPROTO=*dhcp*) dhcp=yes ;;
        *BOOTPROTO=*) dhcp=no ;;
      esac
      ;;
    ifupdown)
      set +f
      for f in /run/dhclient."$D".pid /run/dhclient-"$D".pid /run/udhcpc."$D".pid; do
        [ ! -f "$f" ] || dhcp=yes
      done
      set -f
      ;;
  esac
}
