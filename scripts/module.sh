#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/module.sh [KVER]: build the patched vfio-pci-core for an installed
# Debian kernel's headers, to build/module/KVER/vfio-pci-core.ko.
#
# Only this one module is rebuilt: struct vfio_pci_core_device and the exported
# symbols stay as they are, so the stock vfio-pci and the variant drivers load
# on it.  That is checked here.

. "$(dirname "$0")/common.sh"

kver=${1:-$(default_kver)}
[ -n "$kver" ] ||
	die "no kernel headers of $SERIES are installed; run: apt-get install linux-headers-$SERIES-amd64"
headers=$USR_SRC/linux-headers-$kver
out=$TOP/build/module/$kver
patches=$TOP/kernel-patches/$SERIES

check_headers()
{
	local hv sv

	[ -f "$headers/Makefile" ] ||
		die "the headers of $kver are missing; run: apt-get install linux-headers-$kver"
	case $kver in
	"$SERIES".*) ;;
	*) die "there is no series for $kver; kernel-patches/ has: $(cd "$TOP/kernel-patches" && echo [0-9]*)" ;;
	esac
	hv=$(package_version "linux-headers-$kver")
	sv=$(package_version "linux-source-$SERIES")
	[ -n "$sv" ] ||
		die "the kernel's source is missing; run: apt-get install linux-source-$SERIES"
	[ -z "$hv" ] || [ "$hv" = "$sv" ] ||
		die "headers ($hv) and source ($sv) do not match; run: apt-get install linux-headers-$SERIES-amd64 linux-source-$SERIES"
}

# Without BTF the module has no hook for the BPF policy.
check_btf()
{
	local have want

	readelf -S "$headers/vmlinux" 2>/dev/null | grep -q '\.BTF' ||
		die "$headers/vmlinux has no BTF, so the module could not carry a hook; reinstall linux-headers-$kver"
	command -v pahole >/dev/null ||
		die "pahole is missing; run: apt-get install dwarves"
	want=$(sed -n 's/^CONFIG_PAHOLE_VERSION=//p' "$headers/.config" 2>/dev/null)
	have=$(pahole --version | tr -dc '0-9')
	[ "$have" -ge "${want:-0}" ] ||
		die "pahole $have is older than the kernel's ($want); install a newer dwarves"
}

prepare()
{
	local source=$1 dir=$2

	mkdir -p "$dir/drivers/vfio" "$dir/include/uapi/linux"
	cp -r "$source/drivers/vfio/pci" "$dir/drivers/vfio/"
	cp "$source/include/uapi/linux/audit.h" "$dir/include/uapi/linux/"
	for p in "$patches"/[0-9]*.patch; do
		(cd "$dir" && git apply --include='drivers/vfio/pci/*' \
			--include='include/uapi/linux/audit.h' "$p") ||
			die "$(basename "$p") does not apply to $(basename "$source"); update the series, see kernel-patches/README.md"
	done
}

# The tree's own list of objects, with the options of the series switched on;
# the stock headers know neither these nor the new audit type.
write_kbuild()
{
	local dir=$1 type

	type=$(sed -n 's/^#define AUDIT_VFIO[[:space:]]*\([0-9]*\).*/\1/p' \
		"$dir/include/uapi/linux/audit.h")
	{
		echo 'CONFIG_VFIO_PCI_UNASSIGNED_ACCESS_AUDIT := y'
		echo 'CONFIG_VFIO_PCI_CONFIG_BPF := y'
		echo 'obj-m := vfio-pci-core.o'
		grep '^vfio-pci-core-' "$dir/drivers/vfio/pci/Makefile"
		echo 'ccflags-y += -DCONFIG_VFIO_PCI_UNASSIGNED_ACCESS_AUDIT=1'
		echo 'ccflags-y += -DCONFIG_VFIO_PCI_CONFIG_BPF=1'
		echo "ccflags-y += -DAUDIT_VFIO=$type"
	} >"$dir/drivers/vfio/pci/Kbuild"
}

# The stock vfio-pci.ko must load on this: same symbols, same CRCs.
check_crcs()
{
	local ours=$1 stock=$headers/Module.symvers

	diff <(awk '{ print $1, $2 }' "$ours" | sort) \
		<(awk '$3 == "drivers/vfio/pci/vfio-pci-core" { print $1, $2 }' \
			"$stock" | sort) >&2 ||
		die "the exported symbols differ from the stock module's, so vfio-pci.ko would not load"
}

check_headers
check_btf
source=$("$TOP/scripts/kernel-source.sh")
stamp=$(cat "$patches"/*.patch "$0" "$headers/Module.symvers" "$source/MAINTAINERS" | sha256sum | cut -c1-16)
if [ "$(cat "$out/.stamp" 2>/dev/null)" = "$stamp" ]; then
	echo "$out/vfio-pci-core.ko"
	exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prepare "$source" "$work"
write_kbuild "$work"
src=$work/drivers/vfio/pci
say "building vfio-pci-core for $kver"
make -s -C "$headers" M="$src" modules >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	die "vfio-pci-core did not build"
}
readelf -S "$src/vfio-pci-core.ko" | grep -q '\.BTF' || {
	cat "$work/log" >&2
	die "the module came out without BTF, so it would have no hook for a policy"
}
check_crcs "$src/Module.symvers"

mkdir -p "$out"
cp "$src/vfio-pci-core.ko" "$out/vfio-pci-core.ko"
echo "$stamp" >"$out/.stamp"
echo "$out/vfio-pci-core.ko"
