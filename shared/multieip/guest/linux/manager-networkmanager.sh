# NetworkManager. The keeper asks whether it holds an interface, as addresses on one that it does not hold keep
# the user's profile away.

# Netplan makes the outer folder without it.
networkmanager_here() {
  [ -d /run/NetworkManager/devices ] && command -v nmcli >/dev/null
}

networkmanager_runs() {
  local reply
  networkmanager_here || return 1
  reply=$(nmcli -g GENERAL.STATE,GENERAL.CON-UUID device show "$device" 2>/dev/null) || return 1
  case $reply in
    '' | 10\ * | 10) return 1 ;;
  esac
  profile_uuid=''
  case $reply in
    *"$new_line"*) profile_uuid=${reply#*"$new_line"} ;;
  esac
  manager=NetworkManager
}

# networkmanager_says: the state of the interface; "connected" is by a profile of its own, else it says
# "connected (externally)".
networkmanager_says() {
  local reply
  reply=$new_line$(nmcli -t -f DEVICE,STATE device 2>/dev/null)$new_line
  reply=${reply#*"$new_line$device:"}
  echo "${reply%%"$new_line"*}"
}

networkmanager_dhcp() {
  case $(nmcli -g ipv4.method connection show "$profile_uuid" 2>/dev/null) in
    auto) echo yes ;;
    manual) echo no ;;
  esac
}
