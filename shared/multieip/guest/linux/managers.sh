# Who runs the interface. One file for each manager, with two functions:
#   X_runs   whether it runs the interface at hand (device, index); sets `manager` for people
#   X_dhcp   prints yes or no where it knows whether the address comes by DHCP
# What a person has to write so that it asks for an address stands in rules/dhcp_hints.py.
# Promises: managers are asked, never told anything; and no file of theirs is written.
manager_names='networkmanager networkd wicked scripts ifupdown'

know_manager() {
  local name manager_name
  manager=none manager_name='' dhcp_word=unknown
  know_form
  [ -n "$device" ] || return 0
  know_tools
  for name in $manager_names; do
    if "${name}_runs"; then
      manager_name=$name
      break
    fi
  done
  if [ "$is_dynamic" = 1 ] || [ -f "$our_home/$mac.lease" ]; then
    dhcp_word=yes
  elif [ -n "$manager_name" ]; then
    # An address without a lifetime is no proof of a static one.
    dhcp_word=$("${manager_name}_dhcp")
    dhcp_word=${dhcp_word:-unknown}
  fi
  case $state_lines in *"eip "*) is_kept || : ;; esac
}

# ask_ifcfg FOLDER: the file that the scripts of Red Hat and wicked have in common.
ask_ifcfg() {
  case $(cat "/etc/sysconfig/$1/ifcfg-$device" 2>/dev/null) in
    *BOOTPROTO=*dhcp*) echo yes ;;
    *BOOTPROTO=*) echo no ;;
  esac
}

# know_tools: who else may configure the same interface behind our back.
know_tools() {
  local path name
  set +f
  for path in /etc/systemd/system/*/nm-cloud-setup.* /etc/systemd/system/*/eni.service /etc/cni/net.d/*terway* /run/cloud-init; do
    [ -e "$path" ] || continue
    case $path in
      *nm-cloud-setup*) name=nm-cloud-setup ;;
      *eni.service) name=multi-nic-util ;;
      *terway*) name=terway ;;
      *) name=cloud-init ;;
    esac
    case $tool_list in
      *"\"$name\""*) ;;
      *) tool_list="$tool_list${tool_list:+,}\"$name\"" ;;
    esac
  done
  set -f
}
