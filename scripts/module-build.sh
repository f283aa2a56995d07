#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# module-build.sh HEADERS SOURCE PATCHES DIR: build the patched vfio-pci-core in
# the empty folder DIR, to DIR/vfio-pci-core.ko.
#
#	HEADERS	of the kernel it is for, with its Module.symvers and vmlinux
#	SOURCE	of the same kernel: drivers/vfio/pci and include/uapi/linux/audit.h
#	PATCHES	the series for it
#
# Used by scripts/module.sh, and by dkms on hosts that have the package alone: so
# it needs nothing else of this tree.
#
# Only this one module is rebuilt: struct vfio_pci_core_device and the exported
# symbols stay as they are, so the stock vfio-pci and the variant drivers load
# on it.  That is checked here.

set -euo pipefail

headers=$1
source=$2
patches=$3
dir=$4
src=$dir/drivers/vfio/pci

die()
{
	echo "vfioguard: $*" >&2
	exit 1
}

# Without BTF the module has no hook for the BPF policy.
check_btf()
{
	local have want

	readelf -S "$headers/vmlinux" 2>/dev/null | grep -q '\.BTF' ||
		die "$headers/vmlinux has no BTF, so the module could not carry a hook; reinstall the kernel's headers"
	command -v pahole >/dev/null ||
		die "pahole is missing; run: apt-get install dwarves"
	want=$(sed -n 's/^CONFIG_PAHOLE_VERSION=//p' "$headers/.config" 2>/dev/null)
	have=$(pahole --version | tr -dc '0-9')
	[ "$have" -ge "${want:-0}" ] ||
		die "pahole $have is older than the kernel's ($want); install a newer dwarves"
}

# The files of a patch that are in the module; it has documentation as well.
module_part()
{
	awk '/^diff --git / {
		on = $3 ~ /^a\/(drivers\/vfio\/pci\/|include\/uapi\/linux\/audit\.h$)/
	} on' "$1"
}

prepare()
{
	local p

	mkdir -p "$dir/drivers/vfio" "$dir/include/uapi/linux"
	cp -r "$source/drivers/vfio/pci" "$dir/drivers/vfio/"
	cp "$source/include/uapi/linux/audit.h" "$dir/include/uapi/linux/"
	for p in "$patches"/[0-9]*.patch; do
		module_part "$p" |
			patch -d "$dir" -p1 -F0 --no-backup-if-mismatch -s -f ||
			die "$(basename "$p") does not apply to this kernel's source; update the series, see kernel-patches/README.md"
	done
}

# The tree's own list of objects, with the options of the series switched on;
# the stock headers know neither these nor the new audit type.
write_kbuild()
{
	local type

	type=$(sed -n 's/^#define AUDIT_VFIO[[:space:]]*\([0-9]*\).*/\1/p' \
		"$dir/include/uapi/linux/audit.h")
	{
		echo 'CONFIG_VFIO_PCI_CONFIG_BPF := y'
		echo 'obj-m := vfio-pci-core.o'
		grep '^vfio-pci-core-' "$src/Makefile"
		echo 'ccflags-y += -DCONFIG_VFIO_PCI_CONFIG_BPF=1'
		echo "ccflags-y += -DAUDIT_VFIO=$type"
	} >"$src/Kbuild"
}

# The stock vfio-pci.ko must load on this: same symbols, same CRCs.
check_crcs()
{
	diff <(awk '{ print $1, $2 }' "$src/Module.symvers" | sort) \
		<(awk '$3 == "drivers/vfio/pci/vfio-pci-core" { print $1, $2 }' \
			"$headers/Module.symvers" | sort) >&2 ||
		die "the exported symbols differ from the stock module's, so vfio-pci.ko would not load"
}

check_btf
prepare
write_kbuild
make -s -C "$headers" M="$src" modules >"$dir/log" 2>&1 || {
	cat "$dir/log" >&2
	die "vfio-pci-core did not build"
}
readelf -S "$src/vfio-pci-core.ko" | grep -q '\.BTF' || {
	cat "$dir/log" >&2
	die "the module came out without BTF, so it would have no hook for a policy"
}
check_crcs
mv "$src/vfio-pci-core.ko" "$dir/vfio-pci-core.ko"
