#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# module-build.sh HEADERS SOURCE PATCHES DIR [STOCK]: build the patched vfio-pci-core in
# the empty folder DIR, to DIR/vfio-pci-core.ko.
#
#	HEADERS	of the kernel it is for, with its Module.symvers and vmlinux
#	SOURCE	of the same kernel: drivers/vfio/pci and include/uapi/linux/audit.h
#	PATCHES	the series for it
#	STOCK	the kernel's own module, or a name that is not there; needed where the
#		kernel has no CRCs
#
# Used by scripts/module.sh, and by dkms on hosts that have the package alone: so
# it needs nothing else of this tree but module-types.awk. BPFTOOL may name another
# bpftool.
#
# Only this one module is rebuilt: struct vfio_pci_core_device and the exported
# symbols stay as they are, so the stock vfio-pci and the variant drivers load
# on it.  That is checked here, and said on stderr: by CRC, or where the kernel has
# none (CONFIG_MODVERSIONS is not set) by the types in BTF.

set -euo pipefail

headers=$1
source=$2
patches=$3
dir=$4
stock=${5:-}
src=$dir/drivers/vfio/pci
here=$(cd "$(dirname "$0")" && pwd)
# Not everybody's PATH has the folder that it is in.
bpftool=${BPFTOOL:-$(command -v bpftool || echo /usr/sbin/bpftool)}

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
		die "pahole is missing; run: apt-get install pahole"
	want=$(sed -n 's/^CONFIG_PAHOLE_VERSION=//p' "$headers/.config" 2>/dev/null)
	have=$(pahole --version | tr -dc '0-9')
	[ "$have" -ge "${want:-0}" ] ||
		die "pahole $have is older than the kernel's ($want); install a newer pahole"
	command -v "$bpftool" >/dev/null ||
		die "bpftool is missing; run: apt-get install bpftool"
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

# The kernel finds these by name, and refuses the hook where one of them is there
# twice. What pahole and bpftool say of BTF goes by ids, so all of it is read.
hook_types="STRUCT 'vfio_pci_config_ops'
STRUCT 'bpf_struct_ops_vfio_pci_config_ops'
ENUM 'vfio_pci_config_region'"

# types FILE: of a module
types()
{
	"$bpftool" btf dump -B "$headers/vmlinux" file "$1"
}

# check_types: fails if the module has one of them twice; dies if one is missing
check_types()
{
	local type n rc=0

	types "$src/vfio-pci-core.ko" >"$dir/types" 2>"$dir/log" || {
		cat "$dir/log" >&2
		die "the module came out without BTF, so it would have no hook for a policy"
	}
	while read -r type; do
		n=$(grep -cF "] $type " "$dir/types" || true)
		[ "$n" -gt 0 ] ||
			die "the module's BTF has no $type, so it would have no hook for a policy"
		[ "$n" -eq 1 ] || {
			doubled="$n times $type"
			rc=1
		}
	done <<<"$hook_types"
	return "$rc"
}

# compile ARGS...: the module, with these for make
compile()
{
	make -s -C "$headers" M="$src" "$@" modules >"$dir/log" 2>&1 || {
		cat "$dir/log" >&2
		die "vfio-pci-core did not build"
	}
}

# Kernels since 6.15 mark per-CPU data by a qualifier of gcc 14, which leaves pointers to
# it twice in the types of a file. libbpf before 1.6, which pahole 1.30 of Debian 13 is
# linked with, then takes none of the types that lead to such a pointer, struct device
# for one, for the kernel's ("libbpf: Add identical pointer detection to
# btf_dedup_is_equiv()"), nor those of two files for one. Without the qualifier, which
# only tells the compiler what this_cpu_read() and the like say as well, each type is
# there once.
without_qualifier()
{
	printf '%s\n' '#undef USE_TYPEOF_UNQUAL' '#undef __percpu_qual' \
		'#define __percpu_qual' >"$dir/plain-percpu.h"
	make -s -C "$headers" M="$src" clean >/dev/null 2>&1 || true
	compile KCFLAGS="-include $dir/plain-percpu.h"
}

# The stock vfio-pci.ko must load on this: same symbols, same CRCs.
check_crcs()
{
	diff <(awk '{ print $1, $2 }' "$src/Module.symvers" | sort) \
		<(awk '$3 == "drivers/vfio/pci/vfio-pci-core" { print $1, $2 }' \
			"$headers/Module.symvers" | sort) >&2 ||
		die "the exported symbols differ from the stock module's, so vfio-pci.ko would not load"
}

# And find in it what it expects, where there are no CRCs that say so.
check_shared()
{
	local ko=$dir/stock.ko said

	if awk '$1 != "0x00000000" { rc = 1 } END { exit !rc }' "$src/Module.symvers"; then
		echo "vfioguard: compared with the stock module: CRCs of exported symbols" >&2
		return
	fi
	case $stock in
	*.xz) xz -dc "$stock" >"$ko" ;;
	*.zst) zstd -qdc "$stock" >"$ko" ;;
	*) cp "$stock" "$ko" ;;
	esac 2>/dev/null || {
		echo "vfioguard: not compared with the stock module: this kernel has no CRCs, and the module is not here; source and headers are of one version" >&2
		return
	}
	types "$ko" >"$dir/stock.types" || die "the types of $stock can't be read"
	said=$("$bpftool" btf dump file "$headers/vmlinux" |
		awk -f "$here/module-types.awk" part=symbols "$src/Module.symvers" part=base - \
		part=stock "$dir/stock.types" part=ours "$dir/types") || {
		echo "$said" >&2
		die "types or functions differ from those of $stock, so vfio-pci.ko must not be loaded on it"
	}
	echo "vfioguard: compared with the stock module: BTF, as this kernel has no CRCs (${said#compared })" >&2
}

check_btf
prepare
write_kbuild
doubled=
compile
check_types || {
	without_qualifier
	check_types ||
		die "the module's BTF has $doubled, so the kernel would refuse the hook; pahole's libbpf (before 1.6) does that, see: $(command -v pahole)"
}
check_crcs
check_shared
mv "$src/vfio-pci-core.ko" "$dir/vfio-pci-core.ko"
