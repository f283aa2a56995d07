#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mkinitrd.sh - make the initramfs that gets a test VM to its root.
#
# Usage: mkinitrd.sh MODULES_DIR OUT_DIR
#
# MODULES_DIR is the lib/modules/KVER that vm-image.sh prints. Prints the path
# of the archive. Its name carries a hash of everything in it, so an unchanged
# one is made once. It holds busybox, initrd-init.sh and only the modules needed
# to mount the root and to report; the archive is not compressed because
# decompression is slow under emulation.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
modules=$1
out=$2
kver=${modules##*/}
busybox=$(command -v busybox) || { echo "mkinitrd.sh: install busybox-static" >&2; exit 1; }
# shellcheck source=selftests/vm/modules.sh
. "$here/modules.sh"

# Some kernels have some of them built in; see shares.sh for what there is for a share.
share=(9pnet_virtio 9p)
list_modules "$modules" 9p > /dev/null 2>&1 || share=(virtiofs)
list=$(list_modules "$modules" virtio_pci virtio_console "${share[@]}" overlay)
mapfile -t mods < <([ -z "$list" ] || echo "$list")
hash=$(sha256sum "$0" "$here/initrd-init.sh" "$busybox" "${mods[@]}" | sha256sum | cut -c1-16)
archive=$out/initrd-$kver-$hash.cpio
if [ ! -e "$archive" ]; then
	mkdir -p "$out"
	tmp=$(mktemp -d "$out/.initrd.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	mkdir -p "$tmp"/root/{bin,dev,mod,proc,sys,ro,rw,newroot,whole}
	install -m 755 "$busybox" "$tmp/root/bin/busybox"
	install -m 755 "$here/initrd-init.sh" "$tmp/root/init"
	n=10
	for m in "${mods[@]}"; do
		put_module "$m" "$tmp/root/mod/$n-$(module_name "$m")"
		n=$((n + 1))
	done
	(cd "$tmp/root" && find . | busybox cpio -o -H newc) > "$tmp/cpio" 2>/dev/null
	rm -f "$out/initrd-$kver-"*.cpio
	mv "$tmp/cpio" "$archive"
fi
echo "$archive"
