#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# stock.sh KERNEL...: instructions of accesses on stock kernels, without a policy and
# with one, as tables.  make bench-stock; the figures are in docs/benchmarks.md.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)

mkdir -p "$top/build/bench"
"${CC:-cc}" -std=gnu11 -O2 -Wall -Wextra -Werror -o "$top/build/bench/access-cost" \
	"$here/access-cost.c" "$here/../vm/vfio-open.c"
for kernel; do
	"$here/../vm/run.sh" --icount --no-judge --kernel "$kernel" --name "bench-stock-$kernel" \
		-- "$here/measure-stock.sh"
done
