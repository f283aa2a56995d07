#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 29-lockdown.sh - a policy on a host that is locked down (kernel_lockdown(7)): all of
# it in integrity mode, as Secure Boot has it; in confidentiality mode all that needs no
# reading of kernel memory, and the rest is refused with its reason (runs in the VM).
#
# vm-args: --timeout 300

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${daemon_log:?}" "${daemon_pid=}" "${policy_file=}"

pins=/sys/fs/bpf/vfioguard
lockdown=/sys/kernel/security/lockdown

# refused STATUS TEXT-OF-REASON NAME COMMAND...: it ends with that, and says why
refused()
{
	local want=$1 reason=$2 name=$3 said rc

	shift 3
	said=$(guard "$@" 2>&1)
	rc=$?
	is "$rc" "$want" "$name: exit status"
	like "$said" "$reason" "$name: the reason"
}

records()
{
	audit_sync
	ausearch --input-logs -m USER_DEVICE 2> /dev/null | grep '^type=USER_DEVICE '
}

recorded()
{
	records | grep -q "$1"
}

check "the patched core loads" load_patched
bind_vfio "$VM_E1000E"
check "auditd starts" start_auditd
check "marks go through vfio" bus_marks_by_vfio

# --- Integrity ----------------------------------------------------------------

echo integrity > "$lockdown"
like "$(cat "$lockdown")" '\[integrity\]' "the kernel is locked down for integrity"
policy owners \
	'default block w unassigned audit' \
	'allow w owner=/trusted 0x80' \
	'allow w 8086:10d3 0x84'
check "a policy with an owner loads" guard load "$policy_file"
mkdir /sys/fs/cgroup/trusted
step_begin "owners"
vfio_cfg "$VM_E1000E" "w 80 4 00000001" "w 84 4 00000002" "w 88 4 00000003" > /dev/null
(
	echo $BASHPID > /sys/fs/cgroup/trusted/cgroup.procs
	vfio_cfg "$VM_E1000E" "w 80 4 00000004" > /dev/null
)
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x4
expect_bus exactly 1 write "$VM_E1000E" 0x84 0x2
expect_bus none write "$VM_E1000E" 0x88
check "it learns" guard learn start
check "and stops to" guard learn stop

# --- Confidentiality, with that policy in force -------------------------------

echo confidentiality > "$lockdown"
like "$(cat "$lockdown")" '\[confidentiality\]' "the kernel is locked down for confidentiality"
step_begin "owners, locked down further"
vfio_cfg "$VM_E1000E" "w 80 4 00000001" "w 84 4 00000002" > /dev/null
(
	echo $BASHPID > /sys/fs/cgroup/trusted/cgroup.procs
	vfio_cfg "$VM_E1000E" "w 80 4 00000004" > /dev/null
)
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x4
expect_bus exactly 1 write "$VM_E1000E" 0x84 0x2
snapshot
before=$(state generation)
refused 2 'owners.policy:2:1: this rule .*lockdown .*leave out owner=, or boot with lockdown=integrity' \
	"a load of owners" load "$policy_file"
refused 9 'lockdown .*boot with lockdown=integrity' "learning" learn start
refused 9 "can't be locked: .*lockdown" "the lock" lock
snapshot
is "$(state generation)" "$before" "what was in force is so still"

# --- Confidentiality, with a policy that names no owners ----------------------

policy plain \
	'default block w unassigned audit' \
	'allow w 8086:10d3 0x84'
check "a policy without owners replaces it" guard load "$policy_file"
check "it goes" guard unload
forget_counters
check "the daemon starts" start_daemon "$policy_file" --require-audit
step_begin "no owners"
vfio_cfg "$VM_E1000E" "w 80 4 deadbeef" "w 84 4 00000002" > /dev/null
step_end
expect_bus none write "$VM_E1000E" 0x80
expect_bus exactly 1 write "$VM_E1000E" 0x84 0x2
check "the blocked write is recorded" wait_for recorded 'offset=0x80 width=4 val=0xdeadbeef'
like "$(records)" 'offset=0x80 .* ocomm="vfio-cfg" ' "with the process's name"
counted "$VM_E1000E" "both are counted" accesses=2 allowed=1 blocked=1
check "it is reloaded" kill -HUP "$daemon_pid"
check "and says so" wait_for grep -q 'generation 2' "$daemon_log"

# Whose such an access is can't be told: none passes.
check "an owner is put in by bpftool" bpftool map update pinned "$pins/scope_kinds" \
	key hex 00 00 00 00 value hex 29 00 00 00
step_begin "an owner that can't be told"
vfio_cfg "$VM_E1000E" "w 84 4 00000002" > /dev/null
step_end
expect_bus none write "$VM_E1000E" 0x84
check "the daemon stops" stop_daemon

done_testing
