#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/tools.sh: build libbpf and bpftool from the kernel source package and
# print the folder they are in (bpftool, libbpf/libbpf.a, libbpf/include, and
# uapi with the <linux/bpf.h> that goes with them).
#
# Debian 12's own libbpf (1.1) knows neither struct_ops links nor the BTF of
# modules, so both come from the kernel that the series is for.

# Of the default series, also while something is built for another one.
export SERIES=6.12
. "$(dirname "$0")/common.sh"

source=$("$TOP/scripts/kernel-source.sh")
# Of other flags, another one.
key=$(sha256sum "${BASH_SOURCE[0]}" | cut -c1-12)
dir=$CACHE/tools/$(basename "$source")-$key
# Most of a load is libbpf's search through all types of the kernel: a tenth of
# it is saved where the linker may put functions of two files together.  -O3 makes
# the compiler warn of code that -O2 takes; libbpf is built with -Werror.  Where it
# was built is not in it, so that packages are the same bytes wherever that is.
flags="-g -O3 -flto=auto -ffat-lto-objects -Wno-maybe-uninitialized
-Wno-stringop-truncation -Wno-format-truncation
-ffile-prefix-map=$CACHE=cache"
if [ ! -f "$dir/uapi/linux/btf.h" ]; then
	# One build at a time: they write to the same folder, and the second then
	# finds what the first has made.
	mkdir -p "$CACHE/tools"
	exec 8>"$CACHE/tools/.lock"
	flock 8
fi
if [ ! -f "$dir/uapi/linux/btf.h" ]; then
	say "building libbpf and bpftool"
	rm -rf "$dir.new"
	mkdir -p "$dir.new"
	make -s -C "$source/tools/bpf/bpftool" OUTPUT="$dir.new/" \
		CLANG=clang-19 LLVM_STRIP=llvm-strip-19 -j"$(nproc)" \
		EXTRA_CFLAGS="${flags//$'\n'/ }" \
		>"$dir.new/build.log" 2>&1 || {
		tail -n 20 "$dir.new/build.log" >&2
		die "bpftool did not build (whole log: $dir.new/build.log)"
	}
	mkdir -p "$dir.new/uapi/linux"
	cp "$source/tools/include/uapi/linux/bpf.h" \
		"$source/tools/include/uapi/linux/btf.h" "$dir.new/uapi/linux/"
	rm -rf "$dir"
	mv -T "$dir.new" "$dir"
fi
echo "$dir"
