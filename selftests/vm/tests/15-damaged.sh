#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 15-damaged.sh - a policy whose maps were damaged blocks all it is asked about,
# and the kernel's own record tells (runs in the VM).

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

check "auditd runs" start_auditd
check "the patched module loads" load_patched
check "the device is bound" bind_vfio "$VM_E1000E"
check "a policy is loaded" guard load "$VM_SRC/policies/monitor.policy"
vfio_start "$VM_E1000E"
step_begin "in monitor mode a write passes"
expect_bus exactly 1 write "$VM_E1000E" 0x80
vfio_do "w 80 4 11223344" > /dev/null
step_end

bytes=$(bpftool -j map show pinned /sys/fs/bpf/vfioguard/config | sed 's/.*"bytes_value":\([0-9]*\).*/\1/')
zeros=$(yes 00 | head -n "$bytes")
# shellcheck disable=SC2086 # one word a byte
check "the config map is overwritten with zeros" \
	bpftool map update pinned /sys/fs/bpf/vfioguard/config key hex 00 00 00 00 value hex $zeros
sleep 0.1
step_begin "everything is blocked now"
expect_bus none any "$VM_E1000E" 0x80-0x83
is "$(vfio_do "w 80 4 55667788")" "4" "a write looks done"
is "$(vfio_do "r 80 4")" "4 00000000" "a read returns zero"
step_end
is "$(vfio_do "r 0 4")" "4 10d38086" "the header is not its business"
vfio_stop
audit_sync
like "$(cat /var/log/audit/audit.log)" "UNKNOWN\[1340\].*op=write device=\"$VM_E1000E\".*res=0" \
	"the kernel's own record tells of it"
done_testing
