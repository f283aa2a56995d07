#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/uml.sh: build User Mode Linux with its VFIO driver, a program that is a
# client of VFIO as QEMU is, and print its path.
#
# It is kept in the cache (uml/), named by a hash of all that it is made of.  The
# source, 1.8 GB, is not: it is rarely built anew.  BUILD_PREFIX may name a command
# that runs make.

# The only series whose User Mode Linux has that driver.
export SERIES=7.3
. "$(dirname "$0")/common.sh"

config=$TOP/selftests/kernel/uml/linux.config
found=$("$TOP/scripts/kernel-tarball.sh")
read -r version tarball <<<"$found"
hash=$({
	echo "$version" "$(gcc -dumpfullversion)"
	cat "$config" "$0"
} | sha256sum | cut -c1-10)
linux=$CACHE/uml/linux-$hash

if [ ! -x "$linux" ]; then
	mkdir -p "$CACHE/uml"
	temp=$(mktemp -d "$CACHE/uml/.new-XXXXXX")
	trap 'rm -rf "$temp"' EXIT
	log=$CACHE/uml/build.log

	say "extracting all of linux-source-$SERIES $version"
	mkdir "$temp/src"
	tar -C "$temp/src" --strip-components=1 --no-same-owner -xf "$tarball"

	umake()
	{
		# shellcheck disable=SC2086 # a command and its arguments
		${BUILD_PREFIX:-} make -s -j"$(nproc)" -C "$temp/src" ARCH=um "$@" >>"$log" 2>&1 || {
			tail -n 20 "$log" >&2
			die "User Mode Linux did not build (make $*; whole log: $log)"
		}
	}

	say "building User Mode Linux $version"
	: >"$log"
	umake KCONFIG_ALLCONFIG="$config" allnoconfig
	while read -r option; do
		grep -q "^$option$" "$temp/src/.config" || die "not in this kernel: $option"
	done < <(grep '^CONFIG_' "$config")
	umake linux
	strip -g "$temp/src/linux"
	mv "$temp/src/linux" "$linux"
fi
echo "$linux"
