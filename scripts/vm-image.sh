#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vm-image.sh - find, or fetch, the stock Debian kernel that the VM tests boot.
#
# Usage: vm-image.sh [KVER]
#
# KVER defaults to the newest installed linux-headers-6.12*-amd64. Prints
#
#	kernel=PATH	the bzImage
#	modules=PATH	the matching lib/modules/KVER directory
#
# An installed image is used where there is one. Otherwise the package is
# downloaded and unpacked into the cache: nothing is installed on this machine,
# whose own boot loader must not notice that tests have been run.
#
# VFIOGUARD_IMAGE_DOWNLOAD=1	use the cache even if the image is installed
# VFIOGUARD_CACHE=DIR		cache (default: ${XDG_CACHE_HOME:-~/.cache}/vfioguard)

set -euo pipefail

die()
{
	echo "vm-image.sh: $*" >&2
	exit 1
}

# The cloud and rt flavours lack drivers that the test machine has.
newest_headers()
{
	dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' \
		'linux-headers-6.12*-amd64' 2>/dev/null |
		awk '$1 == "ii" && $2 !~ /-(cloud|rt)-amd64$/ {
			sub(/^linux-headers-/, "", $2); print $2
		}' | sort -V | tail -n 1
}

kver=${1:-$(newest_headers)}
[ -n "$kver" ] || die "no linux-headers-6.12*-amd64 is installed: name a kernel version"

if [ -z "${VFIOGUARD_IMAGE_DOWNLOAD:-}" ] && [ -r "/boot/vmlinuz-$kver" ] &&
   [ -d "/lib/modules/$kver/kernel" ]; then
	echo "kernel=/boot/vmlinuz-$kver"
	echo "modules=/lib/modules/$kver"
	exit 0
fi

images=${VFIOGUARD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vfioguard}/images
image=$images/$kver

if [ ! -d "$image" ]; then
	mkdir -p "$images"
	tmp=$(mktemp -d "$images/.tmp.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	# apt's download sandbox user must be able to write here.
	chmod 755 "$tmp"
	echo "vm-image.sh: downloading linux-image-$kver into $image" >&2
	(cd "$tmp" && apt-get -q -o APT::Sandbox::User=root download "linux-image-$kver") >&2 ||
		die "cannot download linux-image-$kver: run 'apt-get update', then try again"
	dpkg-deb -x "$tmp"/linux-image-*.deb "$tmp/root"
	# The package makes modules.dep when it is installed, so it is not inside.
	depmod -b "$tmp/root" "$kver"
	# Renamed into place whole, so that an interrupted run leaves no half image.
	mv -T "$tmp/root" "$image" 2>/dev/null || [ -d "$image" ]
fi

modules=$image/lib/modules/$kver
[ -d "$modules" ] || modules=$image/usr/lib/modules/$kver
if [ ! -r "$image/boot/vmlinuz-$kver" ] || [ ! -r "$modules/modules.dep" ]; then
	die "$image is incomplete: remove it and try again"
fi
echo "kernel=$image/boot/vmlinuz-$kver"
echo "modules=$modules"
