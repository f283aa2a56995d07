#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 13-audit-kernel.sh - what the kernel's own record costs: one access makes one
# record and no other, never waits for the audit daemon, and reads do not use up
# what writes may have (runs in the VM).
#
# vm-args: --timeout 300

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${auditd_pid=}"

log=/var/log/audit/audit.log

# Everything that audit recorded but what `auditctl -m` of audit_sync sends.
all_records()
{
	audit_sync
	grep -vc '^type=USER ' "$log"
}

# kernel_records REGEX: of accesses
kernel_records()
{
	audit_sync
	grep -c "^type=UNKNOWN\[1340\].*$1" "$log"
}

# audit_state NAME: a word of the kernel's, say backlog or backlog_wait_time_actual
audit_state()
{
	auditctl -s | sed -n "s/^$1 //p"
}

# More than fits between the kernel and a daemon that does not read.
fill_backlog()
{
	local i filler

	filler=$(printf '%08000d' 0)
	for ((i = 0; i < 40; i++)); do
		timeout 20 auditctl -m "$filler" > /dev/null 2>&1
	done
}

check "the patched core loads" load_patched
bind_vfio "$VM_E1000E"
check "the audit daemon starts" start_auditd
check "the e1000e opens" vfio_start "$VM_E1000E"
param block_pci_unassigned_write 1
param block_pci_unassigned_read 1

# --- One record -------------------------------------------------------------

before=$(all_records)
step_begin "one blocked write"
is "$(vfio_do "w 80 4 deadbeef")" 4 "a write looks done"
step_end
expect_bus none write "$VM_E1000E" 0x80
is "$(($(all_records) - before))" 1 "it makes one record in all"
is "$(vfio_do "r 80 4")" "4 00000000" "a read returns zero"
is "$(($(all_records) - before))" 2 "and makes one"
is "$(tail -n 3 "$log" | grep -cE '^type=(SYSCALL|PROCTITLE|CWD|EOE)')" 0 \
	"none of the system call"

# --- A budget for each direction ----------------------------------------------

is "$(vfio_do "loop 200 r 94 4")" "4 200" "two hundred blocked reads"
is "$(vfio_do "w 98 4 deadbeef")" 4 "and a write behind them"
n=$(kernel_records 'op=read .*offset=0x94 ')
check "the reads are limited ($n records)" test "$n" -ge 1 -a "$n" -le 20
is "$(kernel_records 'op=write .*offset=0x98 ')" 1 "the write is recorded"

# --- No waiting -----------------------------------------------------------------

auditctl -b 1 --backlog_wait_time 1 > /dev/null
kill -STOP "$auditd_pid"
fill_backlog
auditctl --backlog_wait_time 2500 > /dev/null
waited=$(audit_state backlog_wait_time_actual)
lost=$(audit_state lost)
step_begin "blocked writes with a full backlog"
is "$(vfio_do "loop 8 w 9c 4 deadbeef")" "4 8" "eight writes look done"
step_end
expect_bus none write "$VM_E1000E" 0x9c
is "$(($(audit_state backlog_wait_time_actual) - waited))" 0 "none of them waited"
check "there was no room for some of the records" test "$(audit_state lost)" -gt "$lost"
auditctl --backlog_wait_time 1 > /dev/null
kill -CONT "$auditd_pid"
auditctl -b 8192 > /dev/null
vfio_stop
done_testing
