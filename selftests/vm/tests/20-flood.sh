#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 20-flood.sh - a guest can't turn reports into a weapon (runs in the VM).
#
# The same million accesses that cost the 2025 RFC 18,732 of 20,000 records.
#
# vm-args: --timeout 400

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

records()
{
	grep -c "type=$1 " /var/log/audit/audit.log
}

lost()
{
	auditctl -s | awk '$1 == "lost" { print $2 }'
}

# accesses = silent + events + folded + limited + ring full = each verdict.
identity()
{
	local n sum=0 verdicts=0

	snapshot
	for n in silent events folded rate_limited ring_full; do
		sum=$((sum + $(counter "$VM_E1000E" "$n")))
	done
	for n in allowed blocked would_block; do
		verdicts=$((verdicts + $(counter "$VM_E1000E" "$n")))
	done
	[ "$sum" = "$(counter "$VM_E1000E" accesses)" ] && [ "$verdicts" = "$sum" ]
}

PATH="$VM_SRC/build:$PATH"
check "auditd runs" start_auditd
check "the patched module loads" load_patched
check "two devices are bound" bind_vfio "$VM_E1000E" "$VM_NVME"
check "the daemon runs" start_daemon "$VM_SRC/policies/strict.policy"

before=$(records USER_DEVICE)
lost_before=$(lost)
size_before=$(stat -c %s /var/log/audit/audit.log)

vfio_start "$VM_E1000E"
step_begin "a million writes and reads of unassigned registers"
expect_bus none any "$VM_E1000E" 0x40-0x9f
vfio_do "loop 500000 w 80 4 cafef00d" > /run/vm/flood1
vfio_do "loop 499000 r 84 4" > /run/vm/flood2
# One record of another program and one access of another device, in between.
auditctl -m "not ours" > /dev/null
vfio_cfg "$VM_NVME" "w 4c 4 01020304" > /dev/null
vfio_do "loop 1000 w 88 2 1234" > /run/vm/flood3
step_end
vfio_stop

like "$(cat /run/vm/flood1)" '^4' "the guest got no error in half a million writes"
sleep 3
audit_sync
snapshot
is "$(counter "$VM_E1000E" accesses)" 1000000 "a million accesses were decided"
check "every access is accounted for once" identity
is "$(counter "$VM_E1000E" events)" 3 "each register gave one event"
after=$(($(records USER_DEVICE) - before))
if [ "$after" -lt 200 ]; then
	ok "$after records reached audit"
else
	not_ok "$after records reached audit"
fi
is "$(lost)" "$lost_before" "no record was lost"
like "$(cat /var/log/audit/audit.log)" "not ours" "the other program's record is there"
like "$(ausearch -m USER_DEVICE 2>/dev/null)" "ids=1b36:0010" "the other device's access was reported"
written=$(($(stat -c %s /var/log/audit/audit.log) - size_before))
if [ "$written" -lt 1048576 ]; then
	ok "$written bytes were written to the audit log"
else
	not_ok "$written bytes were written to the audit log"
fi

# With -f 2 a full backlog panics the host: it must not fill.
auditctl -f 2 -b 64 > /dev/null
before=$(records USER_DEVICE)
is "$(vfio_cfg "$VM_E1000E" "loop 500000 w 8c 4 00000001" "loop 500000 r 90 4" | tr '\n' ' ')" \
	"4 500000 4 500000 " "the same with auditctl -f 2 -b 64: the host lives"
sleep 3
audit_sync
is "$(($(records USER_DEVICE) - before))" 2 "a record of each of the two registers"
is "$(lost)" "$lost_before" "no record was lost"
check "every access is accounted for once, as before" identity
auditctl -f 1 -b 8192 > /dev/null

# A guest that touches every register: records are bounded all the same.
before=$(records USER_DEVICE)
for ((i = 0x200; i < 0x600; i += 4)); do
	printf 'w %x 4 00000001\n' "$i"
done > /run/vm/sweep
vfio_start "$VM_E1000E"
while read -r line; do
	vfio_do "$line" > /dev/null
done < /run/vm/sweep
vfio_stop
sleep 4
audit_sync
after=$(($(records USER_DEVICE) - before))
if [ "$after" -lt 200 ]; then
	ok "$after records for 256 registers touched"
else
	not_ok "$after records for 256 registers touched"
fi
like "$(ausearch -m ANOM_MAX_MAC 2>/dev/null)" "op=summary device=\"$VM_E1000E\"" "a summary tells of the rest"
check "every access is still accounted for once" identity

stop_daemon
done_testing
