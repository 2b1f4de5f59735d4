# ifupdown, of Debian and busybox.

ifupdown_runs() {
  [ -f /etc/network/interfaces ] && command -v ifup >/dev/null || return 1
  manager=ifupdown
  # It may run the machine and say nothing of this interface. busybox's cannot be asked.
  [ "$has_private" = 1 ] || ! command -v ifquery >/dev/null || ifquery "$device" >/dev/null 2>&1 ||
    manager='ifupdown, not managing it'
}

ifupdown_dhcp() {
  local path
  for path in "/run/dhclient.$device.pid" "/run/dhclient-$device.pid" "/run/udhcpc.$device.pid"; do
    if [ -f "$path" ]; then
      echo yes
      return
    fi
  done
}
