#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/module-install.sh [KVER]: install build/module/KVER/vfio-pci-core.ko
# where depmod prefers it to the stock module, which stays where it is.

. "$(dirname "$0")/common.sh"

kver=${1:-$(default_kver)}
ko=$TOP/build/module/$kver/vfio-pci-core.ko
to=/lib/modules/$kver/updates

[ -f "$ko" ] || die "$ko is not there; run: make module KVER=$kver"
[ -d "/lib/modules/$kver" ] ||
	die "kernel $kver is not installed here; run: apt-get install linux-image-$kver"
[ "$(id -u)" -eq 0 ] || die "root is needed to write to $to"
install -D -m 644 "$ko" "$to/vfio-pci-core.ko"
depmod "$kver"
say "installed $to/vfio-pci-core.ko"
if [ "$kver" = "$(uname -r)" ] && [ -d /sys/module/vfio_pci_core ]; then
	say "the old module is loaded; stop what uses it, then: modprobe -r vfio-pci vfio-pci-core && modprobe vfio-pci"
fi
say "to go back: rm $to/vfio-pci-core.ko && depmod $kver"
