# wicked, of SUSE.

wicked_runs() {
  command -v wicked >/dev/null && [ -d /etc/sysconfig/network ] || return 1
  manager=wicked
}

wicked_dhcp() {
  case $(cat "/etc/sysconfig/network/ifcfg-$device" 2>/dev/null) in
    *BOOTPROTO=*dhcp*) echo yes ;;
    *BOOTPROTO=*) echo no ;;
  esac
}
