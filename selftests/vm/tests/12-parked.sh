#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 12-parked.sh - a write whose data the kernel waits for is judged by the rules
# that are in force when the data has come (runs in the VM).
#
# The user decides how long that takes and what the data is in the end.  So a
# write from before a change must not be a ticket for afterwards.

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}"

# parked NAME none|exactly COMMAND...: a write that is parked while COMMAND
# changes the rules does not reach the device, or reaches it once
parked()
{
	local name=$1 bus=(none) line

	[ "$2" = none ] || bus=(exactly 1)
	shift 2
	coproc PARK { exec "$VM_SRC/build/vm/bin/vfio-park" "$VM_E1000E" 80 2>&1; }
	# shellcheck disable=SC2153 # set by coproc
	exec {park_in}>&"${PARK[1]}" {park_out}<&"${PARK[0]}"
	read -r -t 30 -u "$park_out" line
	is "$line" parked "$name: the kernel waits for the data"
	check "$name: the change returns" "$@"
	step_begin "$name"
	echo 0badcafe >&"$park_in"
	read -r -t 30 -u "$park_out" line
	is "$line" 4 "$name: the write looks done"
	step_end
	exec {park_in}>&- {park_out}<&-
	wait "$PARK_PID" 2> /dev/null
	expect_bus "${bus[@]}" write "$VM_E1000E" 0x80 "${bus[1]:+0x0badcafe}"
}

check "the patched core loads" load_patched
bind_vfio "$VM_E1000E"
parked "parameter set" none param block_pci_unassigned_write 1
parked "list of ids set" exactly param uaccess_allow_ids 8086:10d3
parked "list of ids emptied" none param uaccess_allow_ids ''
parked "parameter cleared" exactly param block_pci_unassigned_write 0

policy block "default block w unassigned"
block=$policy_file
policy allow "default allow w unassigned"
allow=$policy_file
parked "policy attached" none guard load "$block"
parked "policy replaced by one that allows" exactly guard load "$allow"
parked "policy replaced by one that blocks" none guard load "$block"
parked "policy detached" exactly guard unload
done_testing
