#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mktools.sh - build the C test tools to build/vm/bin, if they are out of date.
#
# Usage: mktools.sh

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
bin=$here/../../build/vm/bin

mkdir -p "$bin"
if [ ! "$bin/vfio-cfg" -nt "$here/vfio-cfg.c" ]; then
	# Renamed into place: another run may be using it.
	"${CC:-cc}" -std=gnu11 -O2 -Wall -Wextra -Werror -o "$bin/vfio-cfg.$$" "$here/vfio-cfg.c"
	mv "$bin/vfio-cfg.$$" "$bin/vfio-cfg"
fi
