#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 35-stock-preempt.sh - readers and a writer on one processor of a stock kernel that
# preempts them in the programs: a tracing program is left out then, the LSM program is
# not, and nothing blocked reaches the bus (runs in the VM).
#
# vm-kernels: 6.12
# vm-kernels-more: 7.3
# vm-args: --timeout 300 --append preempt=full

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}"
seconds=${LONG_SECONDS:-20}
like "$(cat /sys/kernel/debug/sched/preempt)" '\(full\)' "the kernel preempts"

# Each with a device of its own, so that none waits for another; all on processor 0.
hammer()
{
	local end=$((SECONDS + seconds))

	# Again after an error, with which it ends: what only the LSM program saw.
	while [ "$SECONDS" -lt "$end" ]; do
		taskset -c 0 "$VM_SRC/build/vm/bin/vfio-cfg" "$1" "hammer $2" \
			< <(sleep $((end - SECONDS)); echo) >> "/run/vm/hammer.$3"
	done
}

check "the stock VFIO modules load" load_vfio
check "the devices are given to vfio-pci" bind_vfio "$VM_E1000E" "$VM_E1000E_2" "$VM_NVME"
policy small "default block w unassigned" "default allow r unassigned"
check "a policy loads" guard load "$policy_file"
snapshot
is "$(state door)" stock "it protects"

step_begin "two readers and a writer"
hammer "$VM_E1000E" "r 84 4" 1 &
hammer "$VM_NVME" "r f0 4" 2 &
hammer "$VM_E1000E_2" "w 80 4 cafef00d" 3 &
wait
step_end
for i in 1 2 3; do
	diag "$(sort "/run/vm/hammer.$i" | awk '{ n[$1] += $2; t[$1]++ } END { for (r in n) print r ": " n[r] " in " t[r] " goes" }' | xargs)"
done
expect_bus none write "$VM_E1000E_2" 0x80
misses=$(bpftool prog show name door_at_trace --json | sed -n 's/.*"recursion_misses":\([0-9]*\).*/\1/p')
diag "accesses that the tracing program did not see: ${misses:-0}"
done_testing
