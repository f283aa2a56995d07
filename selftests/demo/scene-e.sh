#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scene-e.sh - the stock kernel again, with nothing patched: the policy holds there, too.

. "$(dirname "$0")/scene-lib.sh"

say "The stock kernel with its own modules, and the daemon."
check "the stock VFIO modules load" load_vfio
check "the device is given to vfio-pci" bind_vfio "$VM_E1000E"
start_guard
boot_guest

say "The same guest, the same write, the same fragile device."
# Not ended before the guest is: nothing may come later either.
step_begin "the guest's write, and all that follows"
expect_bus none write "$VM_E1000E" 0x80-0x83
guest "setpci -s $dev 80.l=cafef00d"
is "$(nested "setpci -s $dev 0.l")" 10d38086 "the guest goes on"

say "What the host knows about it:"
audit_sync
host ausearch -m USER_DEVICE
like "$(ausearch -m USER_DEVICE 2>&1)" \
	'op=blocked-write device="0000:01:00.0" .*offset=0x80 .*res=failed' \
	"the audit log has the record"
host vfioguard status
like "$(vfioguard status --json)" '"door": "stock"' "by the programs of the stock kernel"
like "$(vfioguard status --json)" '"blocked": 1,' "the status counts one blocked access"

check "the guest powers itself off" stop_nested
step_end
done_testing
