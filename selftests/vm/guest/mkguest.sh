#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mkguest.sh - make the initramfs of the nested guest: busybox and setpci.
#
# Usage: mkguest.sh MODULES_DIR OUT_DIR
#
# MODULES_DIR is the lib/modules/KVER that vm-image.sh prints: the guest runs the same
# kernel, and gets the modules that its port takes. Where it is not here but on a disk,
# they must be built in, as in 6.12. The archive is
# OUT_DIR/nested-KVER-HASH.cpio; OUT_DIR/nested-initrd-KVER holds its name.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
modules=$1
out=$2
kver=${modules##*/}
# shellcheck source=selftests/vm/modules.sh
. "$here/../modules.sh"

files=("$(command -v busybox)" "$(command -v setpci)" "$(command -v lspci)")
mapfile -t libs < <(ldd "${files[@]:1}" | awk '$2 == "=>" { print $3 } $1 ~ /^\// && NF == 2 { print $1 }' |
	grep -v ':$' | sort -u)
list=
[ ! -d "$modules" ] || list=$(list_modules "$modules" virtio_pci virtio_console)
mapfile -t mods < <([ -z "$list" ] || echo "$list")

hash=$(sha256sum "$0" "$here/init" "${files[@]}" "${libs[@]}" "${mods[@]}" | sha256sum | cut -c1-16)
archive=nested-$kver-$hash.cpio
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
	n=10
	for m in "${mods[@]}"; do
		put_module "$m" "$tmp/root/mod/$n-$(module_name "$m")"
		n=$((n + 1))
	done
	(cd "$tmp/root" && find . | busybox cpio -o -H newc) > "$tmp/cpio" 2>/dev/null
	rm -f "$out/nested-$kver-"*.cpio
	mv "$tmp/cpio" "$out/$archive"
	echo "$archive" > "$out/nested-initrd-$kver"
fi
