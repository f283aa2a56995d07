#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mktools.sh - build the C test tools to build/vm/bin, if they are out of date.
#
# Usage: mktools.sh

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
bin=$here/../../build/vm/bin

# build TOOL SOURCE-OR-HEADER...
build()
{
	local tool=$bin/$1 f new=
	local -a src=()

	shift
	for f; do
		[ "$tool" -nt "$f" ] || new=1
		case $f in
		*.c) src+=("$f") ;;
		esac
	done
	[ -n "$new" ] || return 0
	# Renamed into place: another run may be using it.
	"${CC:-cc}" -std=gnu11 -O2 -Wall -Wextra -Werror -o "$tool.$$" "${src[@]}"
	mv "$tool.$$" "$tool"
}

mkdir -p "$bin"
build vfio-cfg "$here/vfio-cfg.c" "$here/vfio-open.c" "$here/vfio-open.h"
build vfio-fuzz "$here/vfio-fuzz.c" "$here/vfio-open.c" "$here/vfio-open.h"
make -s --no-print-directory -C "$here/../.." build/vm/bin/policy-diff

# A kernel module, for each kernel whose headers are there.
for headers in /usr/src/linux-headers-*[0-9]-amd64; do
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
