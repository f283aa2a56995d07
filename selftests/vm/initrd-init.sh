#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# initrd-init.sh - /init of the test VM: mount the root file system and go there.
#
# The root is the host's own, exported read-only over 9p or virtiofs, under an overlay
# whose changes live in memory. Which files to make visible again after hiding /tmp,
# /run and /var/log, and what to run, stands in /vmshare/run.env (see run.sh).

bb=/bin/busybox

# A VM that cannot mount its root must stop at once, and must not look like a
# pass: without a status line run.sh reports "ended without a status".
fail()
{
	echo "vm init: $*" > /dev/kmsg
	$bb poweroff -f
}

# mount_share TAG DIR ro|rw CACHE: CACHE is for 9p
mount_share()
{
	if $bb grep -q '9p$' /proc/filesystems; then
		$bb mount -t 9p -o "trans=virtio,version=9p2000.L,msize=262144,$3,cache=$4" "$1" "$2"
	else
		$bb mount -t virtiofs -o "$3" "$1" "$2"
	fi || fail "cannot mount share $1"
}

$bb mount -t proc proc /proc
$bb mount -t devtmpfs dev /dev
for m in /mod/*; do
	$bb insmod "$m" || fail "cannot insert $m"
done

mount_share root /ro ro loose
$bb mount -t tmpfs -o mode=755 tmpfs /rw
$bb mkdir -p /rw/upper /rw/work
$bb mount -t overlay -o lowerdir=/ro,upperdir=/rw/upper,workdir=/rw/work overlay /newroot ||
	fail "cannot mount the overlay"
cd /newroot || fail "no new root"

# What the tmpfs mounts below hide can still be reached here.
$bb mount --bind /newroot /whole || fail "cannot bind the overlay"
for d in tmp run var/log; do
	$bb mkdir -p $d
	$bb mount -t tmpfs tmpfs $d
done
$bb chmod 1777 tmp
$bb mkdir -p run/vm/share
mount_share share run/vm/share rw none

# shellcheck source=/dev/null
. run/vm/share/run.env
# The checkout (or a test script) may itself be under one of those.
for d in $VM_KEEP; do
	[ -e ".$d" ] && continue
	if [ -d "/whole$d" ]; then
		$bb mkdir -p ".$d"
	else
		$bb mkdir -p ".${d%/*}"
		: > ".$d"
	fi
	$bb mount --bind "/whole$d" ".$d" || fail "cannot show $d"
done
if [ -n "$VM_MODULES_SHARE" ]; then
	$bb mkdir -p "lib/modules/$VM_KVER"
	mount_share modules "lib/modules/$VM_KVER" ro loose
fi

# All here, with the static busybox: under emulation each start of a dynamically
# linked program takes some 50 ms, most of it in the dynamic linker.
$bb mount -t proc proc proc
$bb mount -t sysfs sys sys
$bb mount -t devtmpfs dev dev
$bb mkdir -p dev/pts dev/shm
# bash uses it for <(...).
$bb ln -s /proc/self/fd dev/fd
$bb mount -t devpts -o mode=620,ptmxmode=666 devpts dev/pts
$bb mount -t tmpfs tmpfs dev/shm
$bb mount -t cgroup2 cgroup2 sys/fs/cgroup
$bb mount -t bpf bpf sys/fs/bpf
$bb mount -t securityfs securityfs sys/kernel/security
$bb mount -t debugfs debugfs sys/kernel/debug
$bb mount -t tracefs tracefs sys/kernel/tracing
$bb mkdir -p -m 750 var/log/audit
$bb hostname vm
exec $bb switch_root /newroot /bin/bash "$VM_SRC/selftests/vm/vm-main.sh"
