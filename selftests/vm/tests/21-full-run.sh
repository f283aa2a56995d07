#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 21-full-run.sh - no room in /run: the daemon guards and records without its
# event log, and one that it has is not taken from it (runs in the VM).

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${daemon_pid=}" "${daemon_log=}"

dir=/run/vfioguard

arrived()
{
	grep -q "type=USER_DEVICE .* offset=$1 " /var/log/audit/audit.log
}

lives()
{
	kill -0 "$daemon_pid" 2>/dev/null
}

check "auditd runs" start_auditd
check "the patched core loads" load_patched
bind_vfio "$VM_E1000E"

mkdir -p "$dir"
mount -t tmpfs -o size=64k tmpfs "$dir"
check "the daemon starts where /run is full" start_daemon "$VM_SRC/policies/strict.policy"
like "$(cat "$daemon_log")" "no event log.*$dir/events: No space left on device" "it says that it has no event log"
step_begin "a write that is blocked"
expect_bus none write "$VM_E1000E" 0x80
vfio_cfg "$VM_E1000E" "w 80 4 cafe0001" > /dev/null
step_end
check "its record arrives" wait_for arrived 0x80
check "the daemon lives" lives
like "$(guard events 2>&1)" "/run had no room" "and vfioguard events says why there is nothing"
is "$(du -k "$dir/events" | cut -f 1)" 0 "it keeps no part of the room"
check "it stops as always" stop_daemon

mount -o remount,size=16m "$dir"
check "it starts again with room" start_daemon "$VM_SRC/policies/strict.policy"
cat /dev/zero > "$dir/fill" 2>/dev/null
is "$(stat -f -c %f "$dir")" 0 "then /run fills up"
vfio_cfg "$VM_E1000E" "loop 20 w 84 4 cafe0002" "w 88 4 cafe0003" > /dev/null
for ((i = 0x200; i < 0x300; i += 4)); do
	printf 'w %x 4 00000001\n' "$i"
done | vfio_cfg "$VM_E1000E" > /dev/null
check "a record arrives" wait_for arrived 0x88
check "the daemon lives" lives
like "$(guard events)" "at 0x2fc .*$VM_E1000E" "the event log has all of it"
is "$(guard events | wc -l)" 66 "and nothing else"
check "it stops as always" stop_daemon
check "and starts again" start_daemon "$VM_SRC/policies/strict.policy"
is "$(guard events | wc -l)" 66 "with what the log had"
check "it stops" stop_daemon
rm "$dir/fill"
done_testing
