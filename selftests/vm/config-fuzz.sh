#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# config-fuzz.sh - the same random accesses under the stock module and under ours.
#
# Usage: config-fuzz.sh NAME COUNT [SEED]
#
# Boots a VM with each and makes COUNT accesses to each of four devices in each of
# four phases (fuzz-vm.sh), 32 * COUNT in all; what came back and what was on the
# bus is compared outside (fuzz-judge.py). Prints TAP. Files: build/vm/NAME.*/.
# VM_TEST_KERNEL=KVER in the environment boots that kernel.
#
# Exit status: 0, 1 if something differs, 98 if a run did not come to its end.

set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
name=$1 count=$2 seed=${3:-$((RANDOM * 32768 + RANDOM))}
dir=$(cd "$here/../.." && pwd)/build/vm/$name

echo "# SEED=$seed, $((32 * count)) accesses"
for which in stock patched; do
	"$here/run.sh" --name "$name.$which" --out "$dir.$which" --timeout $((90 + count)) \
		${VM_TEST_KERNEL:+--kernel "$VM_TEST_KERNEL"} \
		-- "$here/fuzz-vm.sh" "$which" "$seed" "$count" > "$dir.$which.log" 2>&1
	rc=$?
	if [ "$rc" != 0 ]; then
		sed 's/^/# /' "$dir.$which.log" | grep -v '^# ok ' | tail -n 20
		echo "Bail out! the $which run ended with $rc"
		exit 98
	fi
done
"$here/fuzz-judge.py" "$dir.stock" "$dir.patched" "$count"
