#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/module.sh [KVER]: build the patched vfio-pci-core for an installed
# Debian kernel's headers, to build/module/KVER/vfio-pci-core.ko.
# The building itself is scripts/module-build.sh.

. "$(dirname "$0")/common.sh"

kver=${1:-$(default_kver)}
[ -n "$kver" ] ||
	die "no kernel headers of $SERIES are installed; run: apt-get install $(headers_package)"
headers=$USR_SRC/linux-headers-$kver
out=$TOP/build/module/$kver
patches=$TOP/kernel-patches/$SERIES

check_headers()
{
	local hv sv

	[ -f "$headers/Makefile" ] ||
		die "the headers of $kver are missing; run: apt-get install linux-headers-$kver"
	case $kver in
	"$SERIES".*) ;;
	*) die "there is no series for $kver; kernel-patches/ has: $(cd "$TOP/kernel-patches" && echo [0-9]*)" ;;
	esac
	hv=$(package_version "linux-headers-$kver")
	sv=$(package_version "linux-source-$SERIES")
	[ -n "$sv" ] ||
		die "the kernel's source is missing; run: apt-get install linux-source-$SERIES"
	[ -z "$hv" ] || [ "$hv" = "$sv" ] ||
		die "headers ($hv) and source ($sv) do not match; run: apt-get install $(headers_package) linux-source-$SERIES"
}

check_headers
source=$("$TOP/scripts/kernel-source.sh")
stamp=$(cat "$patches"/*.patch "$TOP"/scripts/module-{build.sh,types.awk} "$headers/Module.symvers" "$source/MAINTAINERS" | sha256sum | cut -c1-16)
if [ "$(cat "$out/.stamp" 2>/dev/null)" = "$stamp" ]; then
	echo "$out/vfio-pci-core.ko"
	exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say "building vfio-pci-core for $kver"
stock=$(find "/lib/modules/$kver/kernel/drivers/vfio" "$CACHE/images/$kver/lib/modules/$kver/kernel/drivers/vfio" \
	-name 'vfio-pci-core.ko*' 2>/dev/null | head -n 1 || true)
"$TOP/scripts/module-build.sh" "$headers" "$source" "$patches" "$work" "$stock" || exit 1

mkdir -p "$out"
cp "$work/vfio-pci-core.ko" "$out/vfio-pci-core.ko"
echo "$stamp" >"$out/.stamp"
echo "$out/vfio-pci-core.ko"
