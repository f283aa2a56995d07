#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mkvmlinux.sh - take the ELF kernel out of a bzImage.
#
# Usage: mkvmlinux.sh KERNEL OUT_DIR
#
# The very same kernel without its decompressor, which takes seconds under
# emulation (twice that in a nested guest). QEMU starts it by its PVH note.
# Prints the path; made once for each KERNEL. Debian compresses with zstd or xz.

set -euo pipefail

kernel=$1
out=$2/vmlinux-${kernel##*/vmlinuz-}

# field OFFSET SIZE: a little-endian number of the boot protocol's header
field()
{
	od -An "-tu$2" -j "$1" -N "$2" "$kernel" | tr -d ' '
}

if [ ! "$out" -nt "$kernel" ]; then
	mkdir -p "$2"
	trap 'rm -f "$out.$$" "$out.$$.z"' EXIT
	start=$((($(field 0x1f1 1) + 1) * 512 + $(field 0x248 4)))
	# The last four bytes are the length, appended by the kernel's build.
	tail -c +$((start + 1)) "$kernel" | head -c $(($(field 0x24c 4) - 4)) > "$out.$$.z" || true
	zstd -qdc "$out.$$.z" > "$out.$$" 2>/dev/null || xz -dc "$out.$$.z" > "$out.$$" 2>/dev/null ||
		{ echo "mkvmlinux.sh: cannot unpack $kernel" >&2; exit 1; }
	mv "$out.$$" "$out"
fi
echo "$out"
