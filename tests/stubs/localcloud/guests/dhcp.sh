#!/bin/sh
# What a DHCP client calls in the guest: one script for busybox udhcpc ($1 is the event) and dhclient ($reason).
# METRIC is the weight of the default route: worse on later interfaces, as default images have it.
set -eu
dev=${interface:?}
case ${1:-$reason} in
bound | renew | BOUND | RENEW | REBIND | REBOOT)
  address=${ip:-${new_ip_address:-}}
  length=${mask:-}
  if [ -z "$length" ]; then
    length=0
    for part in $(echo "${new_subnet_mask:?}" | tr . ' '); do
      while [ "$part" -gt 0 ]; do
        length=$((length + part % 2))
        part=$((part / 2))
      done
    done
  fi
  seconds=${lease:-${new_dhcp_lease_time:-forever}}
  ip addr replace "$address/$length" dev "$dev" valid_lft "$seconds" preferred_lft "$seconds"
  for gateway in ${router:-${new_routers:-}}; do
    ip route replace default via "$gateway" dev "$dev" proto dhcp src "$address" metric "${METRIC:-100}"
    break
  done
  ;;
PREINIT)
  ip link set "$dev" up
  ;;
deconfig | EXPIRE | RELEASE | STOP | FAIL)
  ip link set "$dev" up
  ip -4 addr flush dev "$dev" dynamic
  ;;
esac
