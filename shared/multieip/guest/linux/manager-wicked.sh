# wicked, of SUSE.

wicked_runs() {
  command -v wicked >/dev/null && [ -d /etc/sysconfig/network ] || return 1
  manager=wicked
}

wicked_dhcp() {
  ask_ifcfg network
}
