#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 16-edits.sh - allow and deny do what their names say or refuse, and say what is in
# force then (runs in the VM).

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}"

# edit STATUS REGEX NAME COMMAND...: what it says on stderr
edit()
{
	local status=$1 regex=$2 name=$3

	shift 3
	guard "$@" > /run/vm/out 2> /run/vm/err
	is "$?" "$status" "$name: exit status $status"
	like "$(< /run/vm/err)" "$regex" "$name: says so"
	# What is printed for bpftool is a change that was made.
	is "$(grep -c '^bpftool' /run/vm/out)" "$((status == 0))" "$name: a line for bpftool"
}

# write_is NAME blocked|passed: the next timer tick may be the first to know
write_is()
{
	sleep 0.1
	step_begin "$1"
	is "$(vfio_do "w 80 4 deadbeef")" 4 "$1: the write is made"
	step_end
	if [ "$2" = blocked ]; then
		expect_bus none write "$VM_E1000E" 0x80
	else
		expect_bus exactly 1 write "$VM_E1000E" 0x80 0xdeadbeef
	fi
}

check "the patched core loads" load_patched
check "a device is bound" bind_vfio "$VM_E1000E"
vfio_start "$VM_E1000E"

policy open "default allow rw unassigned" "block w 8086:10d3"
check "a policy that allows by default and blocks one device" guard load "$policy_file"
write_is "before" blocked
edit 9 "allows nothing, it blocks" "deny of a device that is blocked" deny 8086:10d3
write_is "denied" blocked
edit 9 "is not on the allow list.*reads allowed, writes allowed" "deny of one that a default allows" deny 8086:1234
edit 0 "8086:10d3 now, .*writes allowed; in vendor" "allow" allow 8086:10d3
write_is "allowed" passed
edit 9 "would be allowed all the same.*block rw 8086:10d3" "deny that would deny nothing" deny 8086:10d3
write_is "not denied" passed

policy mixed "default allow rw unassigned" "block w 8086:10d3" "block r 8086:*"
check "a block in one direction" guard load "$policy_file"
edit 0 "reads allowed, writes blocked" "allow r keeps the block of writes" allow r 8086:10d3
write_is "reads allowed" blocked
edit 0 "reads blocked, writes blocked" "deny takes what was allowed alone" deny 8086:10d3
write_is "denied again" blocked

# An entry with a bit of nobody's blocks all it names; more may not be named so.
check "a wrong entry by bpftool" bpftool map update pinned /sys/fs/bpf/vfioguard/allowlist \
	key hex 86 80 d3 10 value hex 82 00 00 00
write_is "a wrong entry" blocked
edit 0 "reads allowed, writes blocked" "allow r beside it" allow r 8086:10d3
edit 0 "reads allowed, writes allowed" "allow w beside it" allow w 8086:10d3
write_is "the entry is mended" passed

policy vendor "block w 8086:10d3 vendor" "block w 8086:10d3 unassigned"
check "rules that come before the list" guard load "$policy_file"
edit 9 "rules of the policy for 8086:10d3 come first" "allow that would allow nothing" allow w 8086:10d3
write_is "not allowed" blocked
is "$(guard status --json | sed -n 's/.*"allowlist": //p' | tr -d ,)" 0 "and the list is as it was"

policy monitor "mode monitor"
guard load "$policy_file" 2> /dev/null
edit 0 "the mode is monitor: nothing is blocked" "allow in monitor mode" allow 8086:10d3
edit 0 "the mode is monitor: nothing is blocked" "deny in monitor mode" deny 8086:10d3
guard learn start 2> /dev/null
like "$(guard learn stop 2>&1)" "the mode is monitor: nothing is blocked" "learn stop says what the mode is"
param block_pci_unassigned_write 1
like "$(guard unload 2>&1)" "module parameters decide: reads of unassigned space pass, writes are blocked" \
	"unload says what they decide"
write_is "unloaded" blocked
param block_pci_unassigned_write 0
vfio_stop
done_testing
