#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-map.sh [--fetch] SEED SPACES [SERIES...]: the kernel's own
# drivers/vfio/pci/vfio_pci_config.c, of Debian's source package for each series,
# compiled for this machine, against the loader: compare_maps.c here.  Prints TAP.
#
# A series whose source is not on this machine is left out, and said so; --fetch gets
# it (some 150 MB, once).

. "$(dirname "$0")/../../scripts/common.sh"

fetch=''
if [ "${1:-}" = --fetch ]; then
	fetch=yes
	shift
fi
[ $# -ge 2 ] || die "usage: kernel-map.sh [--fetch] SEED SPACES [SERIES...]"
seed=$1
spaces=$2
shift 2
[ $# -gt 0 ] || set -- 6.12 7.3
here=selftests/layouts
n=0
rc=0

cd "$TOP"

# Is there something to extract, or extracted, without asking anybody for it?
there()
{
	[ -n "$fetch" ] || [ -n "$(package_version "linux-source-$1")" ] ||
		compgen -G "$CACHE/source/linux-source-$1_*.tar.xz" >/dev/null
}

# Of the kernel with what it finds in host/ instead of its headers, and of its headers
# the registers.  It has its own idea of warnings and of types that alias.
kernel_objects()
{
	local out=$1 source=$2 flags

	flags=(-std=gnu11 -O2 -fno-strict-aliasing -ffunction-sections "-I$here/host"
		-idirafter "$source/include")
	gcc "${flags[@]}" -w -c "$source/drivers/vfio/pci/vfio_pci_config.c" \
		-o "$out/vfio_pci_config.o" &&
		gcc "${flags[@]}" -Wall -Werror -Wno-unused-parameter \
			-c "$here/kernel_map.c" -o "$out/kernel_map.o"
}

compile()
{
	local out=$1

	gcc -std=gnu17 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -Iloader -I. \
		"$here"/{compare_maps,mutate,layout_file}.c loader/kernel/layout.c \
		loader/policy/caps.c "$out"/{vfio_pci_config,kernel_map}.o \
		-o "$out/compare-maps"
}

for series; do
	if ! there "$series"; then
		echo "ok $((++n)) - $series # SKIP the source of kernel $series is not" \
			"here; selftests/layouts/kernel-map.sh --fetch 1 1000 gets it"
		continue
	fi
	source=$(SERIES=$series scripts/kernel-source.sh)
	out=build/layouts/$series
	mkdir -p "$out"
	if ! kernel_objects "$out" "$source" || ! compile "$out"; then
		echo "not ok $((++n)) - $series does not compile"
		rc=1
		continue
	fi
	(cd "$out" && ./compare-maps "$seed" "$spaces" "$TOP/$here") >"$out/log" 2>&1 ||
		rc=1
	while IFS= read -r line; do
		case $line in
		ok* | "not ok"*) echo "${line%% [0-9]*} $((++n)) - $series:${line#*-}" ;;
		1..*) ;;
		*) echo "# ${line#\# }" ;;
		esac
	done <"$out/log"
	grep -q '^1\.\.' "$out/log" || {
		echo "not ok $((++n)) - $series ended early"
		rc=1
	}
done
echo "1..$n"
exit "$rc"
