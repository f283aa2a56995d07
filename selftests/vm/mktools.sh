#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mktools.sh - build the C test tools to build/vm/bin, if they are out of date.
#
# Usage: mktools.sh

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
bin=$here/../../build/vm/bin

# build TOOL SOURCE-OR-HEADER...
build()
{
	local tool=$bin/$1 f new=
	local -a src=()

	shift
	for f; do
		[ "$tool" -nt "$f" ] || new=1
		case $f in
		*.c) src+=("$f") ;;
		esac
	done
	[ -n "$new" ] || return 0
	# Renamed into place: another run may be using it.
	"${CC:-cc}" -std=gnu11 -O2 -Wall -Wextra -Werror -o "$tool.$$" "${src[@]}"
	mv "$tool.$$" "$tool"
}

mkdir -p "$bin"
build vfio-cfg "$here/vfio-cfg.c" "$here/vfio-open.c" "$here/vfio-open.h"
