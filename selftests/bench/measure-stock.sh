#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# measure-stock.sh - instructions of accesses on the stock kernel, without a policy and
# with one, in one boot (runs in the VM, with --icount).  Prints a table.

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}"
cost=$VM_SRC/build/bench/access-cost

# one WHERE LINE [uring]
one()
{
	echo "$2" | "$cost" "$1" ${3:+"$3"}
}

# both WHAT WHERE LINE [uring]: what it costs now, under the name it has in the table
declare -A before
both()
{
	local now

	now=$(one "${@:2}") || { echo "measure-stock: $1 could not be measured" >&2; exit 1; }
	if [ -z "${before[$1]:-}" ]; then
		before[$1]=$now
	else
		printf '| %s | %d | %d | %+d | x%s |\n' "$1" "${before[$1]}" "$now" \
			$((now - before[$1])) \
			"$(awk -v a="$now" -v b="${before[$1]}" 'BEGIN { printf "%.2f", a / b }')"
	fi
}

all()
{
	both "pread of 4 bytes of a file in memory" memory "r 0 4"
	both "pwrite of 4 bytes of it" memory "w 0 4"
	both "write of 0x80, blocked, repeated" "$VM_E1000E" "w 80 4"
	both "read of 0x80, allowed by the default" "$VM_E1000E" "r 80 4"
	both "the same, first access in a timer tick" "$VM_E1000E" "r 80 4 rested"
	both "write of 0x80, blocked, by a task that has used io_uring" "$VM_E1000E" "w 80 4" uring
	both "read of 0x80, allowed, by such a task" "$VM_E1000E" "r 80 4" uring
	both "read of 0x3c, where the policy has no say" "$VM_E1000E" "r 3c 4"
	both "read of all 4096 bytes" "$VM_E1000E" "r 0 4096"
}

load_vfio
bind_vfio "$VM_E1000E"
all
policy small "default block w unassigned" "default allow r unassigned"
guard load "$policy_file" || exit
snapshot
echo
echo "Kernel $(uname -r), by way of $(state door)."
echo
echo "| | stock | with a policy | diff | |"
echo "|---|--:|--:|--:|--:|"
all
