# What all writers use. One pair of functions for each manager stands in the files writer-*.sh: write_X
# names the files by want_file, activate_X makes the manager read them. The lines of a file are in T.
# again_X helps, stronger from look to look, a manager that did not do what its configuration says.
SCRIPTS=/etc/sysconfig/network-scripts
UNITS=/etc/systemd/system

write_runtime() {
  :
}

activate_runtime() {
  :
}

t() {
  for o; do
    add T "$o"
  done
}

# each_eip FUNCTION: call it with IP PLEN GW SLOT for each EIP.
each_eip() {
  IFS=$NL
  for e in $EIPS; do
    IFS=$SP
    # shellcheck disable=SC2086
    "$1" $e
  done
  IFS=$SP
}
