#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# disk.sh - a disk with a system of its own, for `run.sh --disk`.
#
# Usage: disk.sh make TAR DISK FOLDER [COMMAND...]
#		an ext4 file system DISK with the system of the tar file, and what is
#		in FOLDER on top; COMMAND is run in it
#	 disk.sh try TAR FOLDER COMMAND...
#		run COMMAND in such a system, and keep nothing of it
#	 disk.sh boot DISK OUT_DIR
#		take its newest kernel out; prints kernel=, initrd= and modules=
#		as scripts/vm-image.sh does (modules: the folder on the disk)
#
# A unit starts vm-main.sh when the system is up, from the machine's files, which
# are below /run/vm/host. Nothing but that unit is there for the tests.

set -euo pipefail

# The size of the file is what is used of it.
size=12G

# A mount fails while udev still loads the driver of 9p, as happens on a busy machine.
write_unit()
{
	cat > "$1/etc/systemd/system/vm-main.service" <<-'END'
		[Unit]
		Description=The test
		After=multi-user.target
		[Service]
		Type=exec
		Environment=opts=trans=virtio,version=9p2000.L,msize=262144
		ExecStartPre=/bin/mkdir -p /run/vm/share /run/vm/host
		ExecStartPre=/bin/sh -c 'until mount -t 9p -o $$opts share /run/vm/share; do sleep 1; done'
		ExecStartPre=/bin/sh -c 'until mount -t 9p -o $$opts,ro,cache=loose root /run/vm/host; do sleep 1; done'
		ExecStart=/bin/bash -c '. /run/vm/share/run.env && exec /bin/bash "$$VM_SRC/selftests/vm/vm-main.sh"'
		StandardOutput=tty
		TTYPath=/dev/ttyS0
		TimeoutStopSec=5
		[Install]
		WantedBy=multi-user.target
	END
	mkdir -p "$1/etc/systemd/system/multi-user.target.wants"
	ln -sf ../vm-main.service "$1/etc/systemd/system/multi-user.target.wants/"
}

# unpack TAR PLACE FOLDER: the system into a folder in PLACE, whose name is in $root
unpack()
{
	root=$(mktemp -d "$2/.root.XXXXXX")
	trap 'rm -rf "$root"' EXIT
	tar -C "$root" --xattrs --numeric-owner -xf "$1"
	chmod 755 "$root"
	cp -rT --no-preserve=ownership "$3" "$root"
}

# With a /proc and a /dev that end with the command.
enter()
{
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --pid --fork sh -c '
		root=$1
		shift
		mount -t proc proc "$root/proc"
		mount --bind /dev "$root/dev"
		exec chroot "$root" "$@"' sh "$root" "$@"
}

make_disk()
{
	local tar=$1 disk=$2 folder=$3

	shift 3
	unpack "$tar" "$(dirname "$disk")" "$folder"
	write_unit "$root"
	[ $# = 0 ] || enter "$@"
	rm -f "$disk"
	mke2fs -q -t ext4 -E lazy_itable_init=1,root_owner=0:0 -d "$root" "$disk" "$size" > /dev/null
}

boot_files()
{
	local disk=$1 out=$2 kver

	kver=$(debugfs -R 'ls -p /boot' "$disk" 2> /dev/null |
		sed -n 's|.*/vmlinuz-\([^/]*\)/.*|\1|p' | sort -V | tail -n 1)
	[ -n "$kver" ] || { echo "disk.sh: no kernel in /boot of $disk" >&2; exit 1; }
	mkdir -p "$out/disk"
	for f in vmlinuz initrd.img; do
		debugfs -R "dump /boot/$f-$kver $out/disk/$f-$kver.new" "$disk" 2> /dev/null
		# The kernel is unpacked once for each file that is newer.
		cmp -s "$out/disk/$f-$kver.new" "$out/disk/$f-$kver" ||
			cp "$out/disk/$f-$kver.new" "$out/disk/$f-$kver"
		rm "$out/disk/$f-$kver.new"
	done
	echo "kernel=$out/disk/vmlinuz-$kver"
	echo "initrd=$out/disk/initrd.img-$kver"
	echo "modules=/lib/modules/$kver"
}

what=${1:-}
shift || true
case $what:$# in
make:[3-9]*) make_disk "$@" ;;
try:[3-9]*)
	unpack "$1" "${TMPDIR:-/tmp}" "$2"
	shift 2
	enter "$@"
	;;
boot:2) boot_files "$@" ;;
*)
	sed -n '/^# Usage/,/^$/{s/^# \{0,1\}//;p}' "$0" >&2
	exit 99
	;;
esac
