#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scene-b.sh - the daemon has loaded default.policy: the same write is dropped.

. "$(dirname "$0")/scene-lib.sh"

say "The same host with the patched module and the daemon."
prepare
start_guard
boot_guest

say "The same guest, the same write, the same fragile device."
# Not ended before the guest is: nothing may come later either.
step_begin "the guest's write, and all that follows"
expect_bus none any "$VM_E1000E" 0x80-0x83
guest "setpci -s $dev 80.l=cafef00d"
is "$(nested "setpci -s $dev 0.l")" 10d38086 "the guest goes on"

say "What the host knows about it:"
audit_sync
host ausearch -m USER_DEVICE
like "$(ausearch -m USER_DEVICE 2>&1)" \
	'op=blocked-write device="0000:01:00.0" .*offset=0x80 .*val=0xcafef00d .*res=failed' \
	"the audit log has the record"
host vfioguard events --verdict blocked
host vfioguard status
like "$(vfioguard status --json)" '"blocked": 1,' "the status counts one blocked access"

check "the guest powers itself off" stop_nested
step_end
done_testing
