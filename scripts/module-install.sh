#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/module-install.sh [KVER]: install build/module/KVER/vfio-pci-core.ko
# where depmod prefers it to the stock module, which stays where it is.
#
#	SIGN_KEY=FILE SIGN_CERT=FILE	signs it, by the kernel's own sign-file; a
#					password for the key is in KBUILD_SIGN_PIN
#
# The initramfs of that kernel is made anew, as the stock module may be in it.
#
# Refused where the running kernel wants a signature and there is none: depmod would
# prefer a module that does not load, and vfio-pci would not load any more.

. "$(dirname "$0")/common.sh"

kver=${1:-$(default_kver)}
ko=$TOP/build/module/$kver/vfio-pci-core.ko
to=/lib/modules/$kver/updates
key=${SIGN_KEY:-} cert=${SIGN_CERT:-}

[ -f "$ko" ] || die "$ko is not there; run: make module KVER=$kver"
[ -d "/lib/modules/$kver" ] ||
	die "kernel $kver is not installed here; run: apt-get install linux-image-$kver"
[ "${key:+set}" = "${cert:+set}" ] || die "a signature needs both, SIGN_KEY and SIGN_CERT"
if [ -z "$key" ] && signed_only; then
	die "this kernel takes signed modules only (Secure Boot, or module.sig_enforce);" \
		"run: make module-install SIGN_KEY=FILE SIGN_CERT=FILE, with a key that is" \
		"enrolled (docs/operators.md)"
fi
[ "$(id -u)" -eq 0 ] || die "root is needed to write to $to"
install -D -m 644 "$ko" "$to/vfio-pci-core.ko.new"
if [ -n "$key" ]; then
	"$USR_SRC/linux-headers-$kver/scripts/sign-file" sha256 "$key" "$cert" "$to/vfio-pci-core.ko.new" || {
		rm "$to/vfio-pci-core.ko.new"
		die "it could not be signed with $key; nothing is installed"
	}
fi
mv "$to/vfio-pci-core.ko.new" "$to/vfio-pci-core.ko"
depmod "$kver"
# It may hold vfio-pci, for a device that is given away early; then the stock module
# would be the one that the next boot loads.
initrd=/boot/initrd.img-$kver
if [ ! -e "$initrd" ]; then
	:
elif command -v update-initramfs >/dev/null; then
	update-initramfs -u -k "$kver" || die "$initrd could not be made anew; if it holds" \
		"vfio-pci, the next boot loads the stock module"
else
	say "if $initrd holds vfio-pci, make it anew: it has the stock module"
fi
say "installed $to/vfio-pci-core.ko${key:+, signed}"
if [ "$kver" = "$(uname -r)" ] && [ -d /sys/module/vfio_pci_core ]; then
	say "the old module is loaded; stop what uses it, then: modprobe -r vfio-pci vfio-pci-core && modprobe vfio-pci"
fi
say "to go back: rm $to/vfio-pci-core.ko && depmod $kver && update-initramfs -u -k $kver"
