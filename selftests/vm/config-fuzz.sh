#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# config-fuzz.sh - the same random accesses with the stock module alone and under
# vfioguard.
#
# Usage: config-fuzz.sh NAME COUNT [SEED]
#
# Boots a VM with each and makes COUNT accesses to each of four devices in each of
# four phases (fuzz-vm.sh), 32 * COUNT in all; what came back and what was on the
# bus is compared outside (fuzz-judge.py, or fuzz-stock.py in stock mode, which tells
# the stock run what to leave out). Prints TAP. Files: build/vm/NAME.*/.
#
# In the environment: VM_TEST_KERNEL, the kernel that is booted, and VM_TEST_MODE, hook or
# stock.
#
# Exit status: 0, 1 if something differs, 98 if a run did not come to its end.

set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
name=$1 count=$2 seed=${3:-$((RANDOM * 32768 + RANDOM))}
dir=$(cd "$here/../.." && pwd)/build/vm/$name
mode=${VM_TEST_MODE:-hook}

# run WHICH [SKIPS]
run()
{
	local which=$1 rc
	local -a args=()

	[ "$mode" = hook ] || args=(--stock)
	"$here/run.sh" --name "$name.$which" --out "$dir.$which" --timeout $((90 + count)) \
		${VM_TEST_KERNEL:+--kernel "$VM_TEST_KERNEL"} "${args[@]}" \
		-- "$here/fuzz-vm.sh" "$which" "$seed" "$count" "${@:2}" > "$dir.$which.log" 2>&1
	rc=$?
	if [ "$rc" != 0 ]; then
		sed 's/^/# /' "$dir.$which.log" | grep -v '^# ok ' | tail -n 20
		echo "Bail out! the $which run ended with $rc"
		exit 98
	fi
}

echo "# SEED=$seed, $((32 * count)) accesses"
if [ "$mode" = hook ]; then
	run stock
	run guarded
	"$here/fuzz-judge.py" "$dir.stock" "$dir.guarded" "$count"
else
	run guarded
	rm -rf "$dir.skips"
	"$here/fuzz-stock.py" plan "$dir.guarded" "$count" "$dir.skips" || exit 98
	run stock "$dir.skips"
	"$here/fuzz-stock.py" judge "$dir.stock" "$dir.guarded" "$count"
fi
