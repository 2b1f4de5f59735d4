# ifupdown, of Debian and busybox.

ifupdown_runs() {
  [ -f /etc/network/interfaces ] && command -v ifup >/dev/null || return 1
  manager=ifupdown
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
