# network-scripts, of Red Hat's systems up to version 8.

scripts_runs() {
  [ -f /etc/sysconfig/network-scripts/ifup-eth ] || return 1
  manager=network-scripts
}

scripts_dhcp() {
  case $(cat "/etc/sysconfig/network-scripts/ifcfg-$device" 2>/dev/null) in
    *BOOTPROTO=*dhcp*) echo yes ;;
    *BOOTPROTO=*) echo no ;;
  esac
}
