#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mktools.sh - build the test tools to build/vm/bin, if they are out of date.
#
# Usage: mktools.sh

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
bin=$top/build/vm/bin

# build TOOL SOURCE-OR-HEADER...: a TOOL in .o is a BPF program, one in .so is for
# LD_PRELOAD
build()
{
	local tool=$bin/$1 f new=
	local -a src=() compile=("${CC:-cc}" -std=gnu11)

	shift
	for f; do
		[ "$tool" -nt "$f" ] || new=1
		case $f in
		*.c) src+=("$f") ;;
		esac
	done
	[ -n "$new" ] || return 0
	[ "${tool%.o}" = "$tool" ] || compile=("${CLANG:-clang-19}" -target bpf -mcpu=v3 -g -c
		-I"$top/build/tools/libbpf/include" -I"$top/build/tools/uapi"
		-I"/usr/include/$(gcc -print-multiarch)")
	[ "${tool%.so}" = "$tool" ] || compile+=(-shared -fPIC)
	# Renamed into place: another run may be using it.
	"${compile[@]}" -O2 -Wall -Wextra -Werror -o "$tool.$$" "${src[@]}"
	mv "$tool.$$" "$tool"
}

mkdir -p "$bin"
# One at a time: tests run side by side.
exec 9> "$bin/.lock"
flock 9
build vfio-cfg "$here/vfio-cfg.c" "$here/vfio-open.c" "$here/vfio-open.h"
build vfio-inject "$here/vfio-inject.c"
build vfio-ways "$here/vfio-ways.c" "$here/vfio-open.c" "$here/vfio-open.h"
build kill-at.so "$here/kill-at.c"
build vfio-park "$here/vfio-park.c" "$here/vfio-open.c" "$here/vfio-open.h"
build param-reader "$here/param-reader.c"
build vfio-fuzz "$here/vfio-fuzz.c" "$here/vfio-open.c" "$here/vfio-open.h"
make -s --no-print-directory -C "$here/../.." build/vm/bin/policy-diff build/vm/bin/lock-try

# A guest of 512 bytes.
boot=$bin/boot
if ! [ "$boot" -nt "$here/guest/boot.S" ]; then
	"${CC:-cc}" -m32 -nostdlib -static -Wl,-Ttext=0x7c00,--oformat=binary,--build-id=none \
		-o "$boot.$$" "$here/guest/boot.S"
	mv "$boot.$$" "$boot"
fi

# A kernel module, for each kernel whose headers are there.
for headers in /usr/src/linux-headers-*-amd64; do
	[ -e "$headers/Makefile" ] || continue
	kver=${headers#/usr/src/linux-headers-}
	ko=$bin/pci-alias-$kver.ko
	[ "$ko" -nt "$here/pci-alias/pci-alias.c" ] && continue
	work=$(mktemp -d)
	cp "$here"/pci-alias/* "$work"
	make -s -C "$headers" M="$work" modules > "$work/log" 2>&1 || {
		cat "$work/log" >&2
		exit 1
	}
	mv "$work/pci-alias.ko" "$ko"
	rm -rf "$work"
done
build learn-fill "$here/learn-fill.c" "$top/bpf/vfioguard.h"
build ring-fill "$here/ring-fill.c" "$here/ring-fill.h"
# What libbpf brings is there after `make`; few tests need it.
[ ! -d "$top/build/tools/libbpf/include" ] || {
	build ring-fill.bpf.o "$here/ring-fill.bpf.c" "$here/ring-fill.h" "$top/bpf/vfioguard.h"
	for way in skip iter cgroup extend; do
		build "lock-try-$way.bpf.o" "$here/lock-try-$way.bpf.c"
	done
}
