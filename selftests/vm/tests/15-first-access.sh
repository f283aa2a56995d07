#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 15-first-access.sh - the very first access under a policy is judged like every
# other, also if the timer ticks while the program looks at the device for the first
# time (runs in the VM).
#
# That takes long under emulation when the program is new, so of some twenty loads
# several meet a tick.
#
# vm-args: --timeout 400

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

loads=20
policy_file=''

blocked()
{
	snapshot
	counter "$VM_E1000E" blocked
}

check "the patched core loads" load_patched
check "the devices are bound" bind_vfio "$VM_E1000E"
policy plain "mode enforce" "default block rw unassigned audit"
vfio_start "$VM_E1000E"
step_begin "first accesses"
done=0
for ((i = 0; i < loads; i++)); do
	guard -q load "$policy_file" && [ "$(vfio_do "w 80 4 deadbeef")" = 4 ] &&
		[ "$(blocked)" = 1 ] && guard -q unload && done=$((done + 1))
done
step_end
expect_bus none write "$VM_E1000E" 0x80
is "$done" "$loads" "each looks done, and is counted as blocked"
vfio_stop
done_testing
