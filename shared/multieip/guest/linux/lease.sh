# A DHCP client of the keeper's own, for an interface that nobody configures. Promises: it sets the interface up and
# gives it the one address, no longer than the lease lasts; no route, name server or file of others is touched; it goes
# with the set, and the interface is what it was.

# offer_client: begins the client of the interface at hand, unless it is at work or somebody else configures the
# interface. What it calls at each event, its hook, is there as long as the keeper has to run it.
offer_client() {
  local hook words before
  hook=$our_home/$mac.lease
  if find_client "$hook"; then
    # The interface may have another name now.
    [ "$client_device" != "$device" ] || return 0
    kill "$client"
  fi
  know_manager
  # NetworkManager takes what has an address when it comes back for somebody else's.
  ! networkmanager_here || [ "$(networkmanager_says)" = unmanaged ] || return 0
  case $device/$manager$master in ?*/none | ?*' it') ;; *) return 0 ;; esac
  words="dhclient -d --no-pid -lf /dev/null $device -sf"
  command -v dhclient >/dev/null || words="busybox udhcpc -fi $device -s"
  # What it was before the first client counts.
  before=''
  case $is_up$(cat "$hook" 2>/dev/null) in 0* | *down*) before="ip link set $device down" ;; esac
  # Events without an address end in a refusal, which nobody reads.
  # shellcheck disable=SC2016 # the hook expands it
  join_lines '#!/bin/sh' 'case ${1:-$reason} in' "end) ip addr flush dev $device to $private" "$before;;" \
    "*) ip link set $device up" 'ip addr replace ${ip:-$new_ip_address}/${mask:-$new_subnet_mask} dev '"$device"' valid_lft ${lease:=$new_dhcp_lease_time} preferred_lft $lease' \
    'esac'
  put_file "$hook" 700 "$joined_text" || return
  # shellcheck disable=SC2086 # words of our own
  $words "$hook" >/dev/null 2>&1 </dev/null 8<&- 9>&- &
  put_file "$hook.pid" 600 "$! $device"
}

# find_client HOOK: sets client, the number of its process, and client_device. A number alone proves nothing.
find_client() {
  read -r client client_device <"$1.pid" &&
    case $(tr '\0' ' ' <"/proc/$client/cmdline") in *"$1"*) ;; *) return 1 ;; esac
} 2>/dev/null

# end_client HOOK MAC: where no set is left, what it did goes, too.
end_client() {
  ! has_eips "$our_home/$2.nic" || return 0
  ! find_client "$1" || kill "$client"
  sh "$1" end
  rm -f "$1" "$1.pid"
} 2>/dev/null
