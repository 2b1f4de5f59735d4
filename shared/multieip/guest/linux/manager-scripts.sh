# network-scripts, of Red Hat's systems up to version 8.

scripts_runs() {
  [ -f /etc/sysconfig/network-scripts/ifup-eth ] || return 1
  manager=network-scripts
}

scripts_dhcp() {
  ask_ifcfg network-scripts
}
