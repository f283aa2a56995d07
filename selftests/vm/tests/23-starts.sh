#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 23-starts.sh - a benign guest that starts again and again makes one record for each
# register that it is refused, and no more (runs in the VM).
#
# 40 starts; 1,000 with VM_LONG=1. One processor: a start maps and unmaps the device's
# memory a dozen times, and with two the emulator loses its timers over thousands of
# that.
#
# vm-args: --smp 1 --timeout 3000

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}"

audit_log=/var/log/audit/audit.log
starts=${VM_LONG:+1000}
: "${starts:=40}"

records()
{
	grep -c '^type=USER_DEVICE ' "$audit_log"
}

# Recorded: QEMU's start, the guest's, its driver's probe and I/O. Its only accesses to
# unassigned space are reads, so a policy is made that blocks and reports some of them,
# and silently the rest.
grep -v '^#' "$VM_SRC/selftests/vm/data/e1000e-guest.accesses" | sed 's/^/loop 1 /' > /run/vm/start
lines=$(wc -l < /run/vm/start)
policy benign "default block r unassigned silent" "default block w unassigned audit" \
	"block r 8086:10d3 0x40-0x9f"
blocked=24

check "auditd runs" start_auditd
check "the patched core loads" load_patched
check "the device is given to vfio-pci" bind_vfio "$VM_E1000E"
check "the daemon runs" start_daemon "$policy_file"

before=$(records)
for ((i = 0; i < starts; i++)); do
	cat /run/vm/start
done | vfio_cfg "$VM_E1000E" | sort | uniq -c > /run/vm/out
is "$(awk '{ n += $1; $1 = $2 == 1 || $2 == 2 || $2 == 4 || $2 == 4096 ? "" : $0; bad = bad $1 } END { print n bad }' /run/vm/out)" \
	$((starts * lines)) "$starts starts of $lines accesses: none failed"
sleep 3
audit_sync
snapshot
accesses=$(counter "$VM_E1000E" accesses)
check "a start has about a thousand accesses to unassigned space (all: $accesses)" \
	test "$accesses" -gt $((starts * 900))
is "$accesses" $(($(counter "$VM_E1000E" silent) + starts * blocked)) "$blocked of them are to be reported"
is "$(counter "$VM_E1000E" events)" $blocked "$blocked events"
is "$(counter "$VM_E1000E" folded)" $((starts * blocked - blocked)) "repeats are counted"
is "$(($(records) - before))" $blocked "one record for each register, and no more"
is "$(grep '^type=USER_DEVICE ' "$audit_log" | grep -o ' offset=0x[0-9a-f]*' | tr -d '\n')" \
	"$(for ((i = 0x40; i < 0xa0; i += 4)); do printf ' offset=0x%x' "$i"; done)" "of each of them"
stop_daemon
is "$?" 0 "the daemon ends in order"
done_testing
