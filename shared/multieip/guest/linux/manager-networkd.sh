# systemd-networkd, by itself or under netplan.

networkd_runs() {
  local path name value state
  path=/run/systemd/netif/links/$index state='' network_file=''
  [ -r "$path" ] && command -v networkctl >/dev/null || return 1
  while IFS='=' read -r name value; do
    case $name in
      ADMIN_STATE) state=$value ;;
      NETWORK_FILE) network_file=$value ;;
    esac
  done <"$path"
  # It may run the machine and not this interface.
  set +f
  [ "$state" != unmanaged ] || grep -qs '^ADMIN_STATE=configur' /run/systemd/netif/links/* || state=''
  set -f
  [ -n "$state" ] || return 1
  manager=systemd-networkd
  case $network_file in
    */*-netplan-*) manager="netplan, $manager" ;;
  esac
  [ "$state" != unmanaged ] || manager="$manager, not managing it"
}

networkd_dhcp() {
  [ ! -s "/run/systemd/netif/leases/$index" ] || echo yes
}
