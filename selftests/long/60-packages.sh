#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 60-packages.sh - the Debian packages on a fresh Debian 12 with its stock 6.12 kernel:
# install, boot, upgrade under a writing guest, boot, remove, purge. 61-packages-trixie.sh
# is this on Debian 13.
#
# First, in a chroot, with the kernel's source coming late. Then three boots of one
# disk, which starts as scripts/debian-image.sh makes it. A unit with no ordering of
# its own gives a device to a "guest" in each boot; what that wrote is looked for in
# the trace, as is all else. On Debian 13 then another disk, with the packages and the
# newer kernel of its backports installed in a chroot: boot, remove the module, boot.
#
# Long, because apt and dkms work under emulation: the module is compiled there.
#
# In the environment:
#	PACKAGES_SUITE=trixie	on Debian 13
#	PACKAGES_CHROOT=1	the packages are installed in a chroot, minutes sooner,
#				and the first boot is left out
#	PACKAGES_DISK=1		goes on behind boot 1, 2 or 3 with the disks that are there; 4
#				boots the newer kernel

set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
suite=${PACKAGES_SUITE:-bookworm}
case $suite in
bookworm) name=60-packages debian="Debian 12" ;;
trixie) name=61-packages-trixie debian="Debian 13" ;;
*)
	echo "60-packages.sh: PACKAGES_SUITE is bookworm or trixie, not '$suite'" >&2
	exit 1
	;;
esac
out=$top/build/vm/$name
steps=$top/selftests/long/packages
disk=$out/disk.img
over=$out/over image=
old='' new=''
# shellcheck source=selftests/long/lib/count.sh
. "${0%/*}/lib/count.sh"

give_up()
{
	result 1 "$1"
	finish
}

# change_policies DEB: as if its version had other policies
change_policies()
{
	local tree=$out/deb name

	rm -rf "$tree"
	dpkg-deb -R "$1" "$tree" || return
	for name in strict.policy default.policy policy.d/10-base.policy; do
		echo "# of the next version" >> "$tree/etc/vfioguard/$name" || return
	done
	dpkg-deb --root-owner-group -b "$tree" "$1"
}

# What is laid over the fresh system: the packages, and the early guest.
prepare()
{
	local rc

	"$top/scripts/deps.sh" build man deb vm image || give_up "packages of this machine"
	old=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$top/packaging/debian/changelog")
	new=$old+next
	image=$("$top/scripts/debian-image.sh" "$suite") || give_up "a fresh $debian"
	"$top/selftests/vm/mktools.sh" || give_up "the test tools"
	rm -rf "$over"
	mkdir -p "$over/root/packages"
	for version in "$old" "$new"; do
		"$top/scripts/deb.sh" "$version" > "$out/deb.log" || give_up "packages $version"
		cp "$top/build/deb/"vfioguard{,-dkms}"_${version}_"*.deb "$over/root/packages" ||
			give_up "packages $version"
	done
	change_policies "$over/root/packages/vfioguard_${new}_amd64.deb" > "$out/deb.log" 2>&1 ||
		give_up "other policies in $new"
	printf 'OLD=%s\nNEW=%s\n' "$old" "$new" > "$over/root/packages/versions"
	install -D -m 755 -t "$over/usr/local/sbin" "$steps/early-guest" "$top/build/vm/bin/vfio-cfg"
	install -D -m 644 -t "$over/etc/systemd/system" "$steps/early-guest.service"
	cp "$steps"/{0-late-source,chroot-lib}.sh "$over/root/packages"
	cat > "$over/root/packages/enter" <<-END
		set -e
		systemctl enable -q early-guest
		[ -z "${PACKAGES_CHROOT:-}" ] || DEBIAN_FRONTEND=noninteractive apt-get -y install \
			/root/packages/vfioguard_${old}_amd64.deb \
			/root/packages/vfioguard-dkms_${old}_all.deb
	END
	echo "## 0-late-source"
	"$top/selftests/vm/disk.sh" try "$image" "$over" /root/packages/0-late-source.sh | tee "$out/0-late-source.tap"
	rc=${PIPESTATUS[0]}
	count 0-late-source
	[ "$rc" = 0 ] || result 1 "0-late-source ended well (exit status $rc)"
	"$top/selftests/vm/disk.sh" make "$image" "$disk" "$over" \
		sh /root/packages/enter > "$out/disk.log" 2>&1 ||
		{ tail -n 30 "$out/disk.log"; give_up "the disk"; }
	result 0 "a disk with a fresh $debian"
}

# prepare_newer: another disk of it, where the packages came first and the newer kernel of
# the backports then
prepare_newer()
{
	[ -n "$image" ] || image=$("$top/scripts/debian-image.sh" "$suite") || give_up "a fresh $debian"
	cp "$steps/0-newer-kernel.sh" "$over/root/packages"
	"$top/selftests/vm/disk.sh" make "$image" "$disk" "$over" \
		/root/packages/0-newer-kernel.sh > "$out/0-newer-kernel.tap" 2>&1
	rc=$?
	cat "$out/0-newer-kernel.tap"
	count 0-newer-kernel
	[ "$rc" = 0 ] || give_up "a disk with the newer kernel"
}

# boot NAME WRITES: one step; the early guest's writes that reached the device
boot()
{
	local dir=$out/$1 rc

	echo "## $1"
	VM_BOOT_LIMIT=1500 "$top/selftests/vm/run.sh" --name "$1" --out "$dir" --disk "$disk" \
		--timeout 7200 --mem 2048 -- "$steps/$1.sh" | tee "$out/$1.tap"
	rc=${PIPESTATUS[0]}
	count "$1" "$out/$1.tap"
	[ "$rc" = 0 ] || grep -q '^not ok ' "$out/$1.tap" || result 1 "$1 ended well (exit status $rc)"
	grep -q 'early-guest: wrote 4' "$dir/console.log"
	result $? "$1: the early guest wrote"
	[ "$(grep -c 'pci_cfg_write e1000e 02:00.0 @0x80 <- 0xddba11e' "$dir/trace.log")" = "$2" ]
	result $? "$1: $2 of its writes reached the device"
}

mkdir -p "$out"
[ -n "${PACKAGES_DISK:-}" ] || prepare
done=${PACKAGES_DISK:-${PACKAGES_CHROOT:-0}}
[ "$done" -ge 1 ] || boot 1-install 1
[ "$done" -ge 2 ] || boot 2-upgrade 0
[ "$done" -ge 3 ] || boot 3-remove 0
if [ "$suite" = trixie ]; then
	disk=$out/newer.img
	[ "$done" -ge 4 ] || prepare_newer
	boot 4-newer 0
	boot 5-stock 0
fi
finish
