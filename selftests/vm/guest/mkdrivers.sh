#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mkdrivers.sh - make the initramfs of a nested guest that has drivers, too.
#
# Usage: mkdrivers.sh MODULES_DIR OUT_DIR
#
# MODULES_DIR is the lib/modules/KVER that vm-image.sh prints. The archive is that of
# mkguest.sh, which must have run, and behind it the modules of the drivers below and
# the command "use". OUT_DIR/nested-drivers-KVER holds its name.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
modules=$1
out=$2
kver=${modules##*/}
# shellcheck source=selftests/vm/modules.sh
. "$here/../modules.sh"

# What to say to "use", and the modules that this takes.
drivers="e1000e:e1000e igb:igb nvme:nvme virtio-net:virtio_net virtio-blk:virtio_blk
xhci:xhci-pci,usbhid,hid-generic,usb-storage,sd_mod
hda:snd-hda-codec-generic,snd-hda-intel,snd-pcm-oss ahci:ahci,sd_mod"

base=$out/$(cat "$out/nested-initrd-$kver")
modules_of=$(for driver in $drivers; do tr ',' ' ' <<< "${driver#*:}"; done)
# shellcheck disable=SC2086 # words
list=$(list_modules "$modules" $modules_of)
mapfile -t all <<< "$list"
hash=$(sha256sum "$0" "$here/use" "$here/drivers.sh" "$base" "${all[@]}" | sha256sum | cut -c1-16)
archive=nested-drivers-$kver-$hash.cpio
if [ ! -e "$out/$archive" ]; then
	tmp=$(mktemp -d "$out/.drivers.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	mkdir -p "$tmp"/root/{bin,drv}
	install -m 755 "$here/use" "$tmp/root/bin/use"
	install -m 644 "$here/drivers.sh" "$tmp/root/drivers.sh"
	for m in "${all[@]}"; do
		put_module "$m" "$tmp/root/drv/$(module_name "$m")"
	done
	for driver in $drivers; do
		# shellcheck disable=SC2046 # words
		list_modules "$modules" $(tr ',' ' ' <<< "${driver#*:}") |
			sed 's|.*/||; s|\.ko.*|.ko|' > "$tmp/root/drv/${driver%%:*}"
	done
	cat "$base" > "$tmp/cpio"
	(cd "$tmp/root" && find . | busybox cpio -o -H newc) >> "$tmp/cpio" 2>/dev/null
	rm -f "$out"/nested-drivers-"$kver"-*.cpio
	mv "$tmp/cpio" "$out/$archive"
	echo "$archive" > "$out/nested-drivers-$kver"
fi
