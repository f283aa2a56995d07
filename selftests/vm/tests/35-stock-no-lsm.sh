#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 35-stock-no-lsm.sh - stock kernels without "bpf" among the LSMs, as Proxmox and Ubuntu
# have them: where the kernel does not preempt a policy protects, elsewhere it says that
# it only observes (runs in the VM).
#
# vm-kernels: 6.1 7.3
# vm-args: --timeout 300 --append lsm=landlock,lockdown,yama,integrity,apparmor

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}" "${daemon_log=}"

unlike "$(cat /sys/kernel/security/lsm)" bpf "bpf is no LSM here"
check "the stock VFIO modules load" load_vfio
check "the e1000e is given to vfio-pci" bind_vfio "$VM_E1000E"
vfio_start "$VM_E1000E"
policy small "default block w unassigned" "default allow r unassigned"

if [ "$VM_FLAVOUR" = 7.3 ]; then
	guard load --mode stock "$policy_file" > /run/vm/out 2>&1
	is "$?" 3 "--mode stock is refused"
	like "$(cat /run/vm/out)" 'preempts.*"bpf" in the list lsm=' "with what would mend it"
	check "by itself the policy loads" guard load "$policy_file"
	guard load "$policy_file" > /run/vm/out 2>&1
	like "$(cat /run/vm/out)" "NOT PROTECTED" "and says that it does not protect"
	snapshot
	is "$(state door)" observe "it observes"
	step_begin "observed"
	is "$(vfio_do "w 80 4 cafef00d")" 4 "a write"
	step_end
	expect_bus exactly 1 write "$VM_E1000E" 0x80
	snapshot
	is "$(counter "$VM_E1000E" would_block)" 1 "would have been blocked"
else
	check "the policy loads" guard load "$policy_file"
	snapshot
	is "$(state door)" stock "it protects, as the kernel does not preempt"
	step_begin "blocked"
	is "$(vfio_do "w 80 4 cafef00d")" 4 "a blocked write looks done"
	step_end
	expect_bus none write "$VM_E1000E" any
	snapshot
	is "$(counter "$VM_E1000E" blocked)" 1 "it was counted"
	check "the daemon takes over" start_daemon "$policy_file"
	check "the kernel preempts from now on" eval "echo full > /sys/kernel/debug/sched/preempt"
	check "the daemon says what that means" wait_for grep -q "preempts now (full).* CAN BE PASSED" "$daemon_log"
	like "$(guard status)" "PROTECTS +NO: .*CAN BE PASSED" "and so does status"
	check "it is voluntary again" eval "echo voluntary > /sys/kernel/debug/sched/preempt"
	check "the daemon says that it filters" wait_for grep -q "lets the policy filter again" "$daemon_log"
	unlike "$(guard status)" PROTECTS "and status has no word against it"
	stop_daemon
fi
vfio_stop
done_testing
