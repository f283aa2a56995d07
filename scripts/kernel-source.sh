#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/kernel-source.sh: print the folder that holds what we need of Debian's
# kernel source package, extracted once for each version of it.
#
# The whole tree is 1.5 GB; libbpf, bpftool, checkpatch and the files that the
# series touches are a tenth of it.

. "$(dirname "$0")/common.sh"

package=linux-source-$SERIES
found=$("$TOP/scripts/kernel-tarball.sh")
read -r version tarball <<<"$found"

# Files of the series that older kernels do not have.
newer=()
[ "$SERIES" = 6.12 ] || newer=("$package/tools/testing/selftests/vfio")

dir=$CACHE/source/$package-$version
if [ ! -d "$dir" ]; then
	say "extracting $package $version"
	mkdir -p "$CACHE/source"
	temp=$(mktemp -d "$CACHE/source/.new-XXXXXX")
	trap 'rm -rf "$temp"' EXIT
	tar -C "$temp" --strip-components=1 --no-same-owner -xf "$tarball" \
		"$package/drivers/vfio" "$package/Documentation/driver-api" \
		"$package/Documentation/admin-guide/kernel-parameters.txt" \
		"$package/MAINTAINERS" "$package/include/linux" \
		"$package/include/uapi" "$package/kernel/bpf" \
		"$package/scripts" "$package/tools/arch" "$package/tools/bpf" \
		"$package/tools/build" "$package/tools/include" \
		"$package/tools/lib" "$package/tools/scripts" "${newer[@]}" ||
		die "$tarball can't be read; remove it, or reinstall it: apt-get install --reinstall $package"
	chmod 755 "$temp"
	mv -T "$temp" "$dir" 2>/dev/null || [ -d "$dir" ]
fi
echo "$dir"
