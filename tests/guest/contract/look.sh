# What a real guest has of ours, line by line, after the keeper has looked once. $1 is its own folder.
# The keeper is the real program, which looks before it follows the kernel; it ends there, so that nobody has to wait.
set -u
home=/etc/multieip
if grep -q keep.sh /etc/inittab && grep -q '^eip ' $home/*.nic 2>/dev/null; then
  PATH=$1/keeper:$PATH sh $home/keep.sh keep
fi
for path in $home/*.nic; do
  [ -f "$path" ] || continue
  while read -r line; do echo "kept ${path##*/} $line"; done <"$path"
done
for path in $home/undo-*:??/token; do
  [ ! -f "$path" ] || echo "way ${path%/token}"
done
[ ! -f $home/keep.sh ] || echo program
! grep -q keep.sh /etc/inittab || echo enabled
grep -lsz '^sleep 90.*exec s[h] .*undo' /proc/[0-9]*/cmdline | while read -r _; do echo dead_man; done
for path in /sys/class/net/eth*; do
  read -r mac <"$path/address"
  echo "name $mac ${path##*/}"
done
ip -N -4 -o addr show | while read -r _ name _ address _; do echo "addr $name $address"; done
ip -N -4 rule show | while read -r front _ address _; do echo "rule $front $address"; done
