#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mkguest.sh - make the initramfs of the nested guest: busybox and setpci.
#
# Usage: mkguest.sh OUT_DIR
#
# The archive is OUT_DIR/nested-HASH.cpio; OUT_DIR/nested-initrd holds its name.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=$1
files=("$(command -v busybox)" "$(command -v setpci)" "$(command -v lspci)")
mapfile -t libs < <(ldd "${files[@]:1}" | awk '$2 == "=>" { print $3 } $1 ~ /^\// && NF == 2 { print $1 }' |
	grep -v ':$' | sort -u)

hash=$(sha256sum "$0" "$here/init" "${files[@]}" "${libs[@]}" | sha256sum | cut -c1-16)
archive=nested-$hash.cpio
if [ ! -e "$out/$archive" ]; then
	mkdir -p "$out"
	tmp=$(mktemp -d "$out/.nested.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	mkdir -p "$tmp"/root/{bin,dev,mod,proc,sys}
	cp -L "${files[@]}" "$tmp/root/bin"
	for l in "${libs[@]}"; do
		mkdir -p "$tmp/root/${l%/*}"
		cp -L "$l" "$tmp/root/$l"
	done
	install -m 755 "$here/init" "$tmp/root/init"
	(cd "$tmp/root" && find . | busybox cpio -o -H newc) > "$tmp/cpio" 2>/dev/null
	rm -f "$out"/nested-*.cpio
	mv "$tmp/cpio" "$out/$archive"
	echo "$archive" > "$out/nested-initrd"
fi
