#!/bin/sh
# Turns a folder into the root of a guest and stays as its process 1.
# Runs in fresh mount, process, network, name and IPC namespaces.
# $1 the folder, $2 the host name, $3 flags that a read-only bind of /usr and the like must keep.
set -eu
root=$1 name=$2 keep=$3

mount --make-rprivate /
mount --bind "$root" "$root"
for dir in usr bin sbin lib lib32 lib64 libx32 opt nix; do
  if [ -L "/$dir" ]; then
    [ -e "$root/$dir" ] || cp -P "/$dir" "$root/$dir"
  elif [ -d "/$dir" ]; then
    mkdir -p "$root/$dir"
    mount --rbind "/$dir" "$root/$dir"
    mount -o "remount,bind,ro$keep" "$root/$dir"
  fi
done

for dir in proc sys dev run tmp old; do mkdir -p "$root/$dir"; done
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do
  : >"$root/dev/$node"
  mount --bind "/dev/$node" "$root/dev/$node"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir -p "$root/run/lock" "$root/dev/shm"

# The kernel's own switches are the machine's; those of the network belong to the namespace.
mount --bind "$root/proc/sys/net" "$root/old"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro,nosuid,nodev,noexec "$root/proc/sys"
mount --bind "$root/old" "$root/proc/sys/net"
umount "$root/old"

cd "$root"
pivot_root . old
umount -l /old
hostname "$name"
ip link set lo up

echo ready
exec >/dev/null 2>&1 </dev/null
trap : TERM INT HUP
# `wait` also collects what other processes leave to process 1.
while :; do
  sleep 3600 &
  wait $! || :
done
