#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 16-owners-preempt.sh - tasks of several owners on one processor, preempted while the
# program puts their cgroups' paths together: none is judged by another's path (runs in
# the VM).
#
# What a path is put together in is found out once a timer tick and cgroup. Two tasks
# write as fast as they can, and two of real-time priority wake up in between; each is
# the owner of a device of its own, so that none waits for another in vfio.
#
# vm-kernels: 6.12
# vm-args: --timeout 300 --append preempt=full

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}"
seconds=${LONG_SECONDS:-8}
model=$(cat /sys/kernel/debug/sched/preempt 2> /dev/null)
diag "preemption: ${model:-as built}"
# Where it can be chosen, nothing else would test much.
[ -z "$model" ] || like "$model" '\((full|lazy)\)' "the kernel preempts"

# Deep, and alike until the end: what is mixed up of two is one of them.
deep=machine.slice/a-name-of-some-length.slice/another-name-of-some-length.slice/one.slice/more.slice/here.slice
for owner in good bad; do
	mkdir -p "/sys/fs/cgroup/$deep/$owner.scope/vcpu"
done

# writer OWNER DEVICE OFFSET DATA HOW...: until the time is over
writer()
{
	local owner=$1 device=$2 access="w $3 4 $4" name=$2

	shift 4
	echo "$BASHPID" > "/sys/fs/cgroup/$deep/$owner.scope/vcpu/cgroup.procs"
	sleep "$seconds" | {
		if [ $# = 0 ]; then
			taskset -c 0 "$VM_SRC/build/vm/bin/vfio-cfg" "$device" "hammer $access"
		else
			taskset -c 0 chrt -f 10 "$VM_SRC/build/vm/bin/vfio-cfg" "$device" "pace $1 $access"
		fi
	} > "/run/vm/writer.$name"
}

# made DEVICE: how many writes the client says it made
made()
{
	awk '$1 == 4 { print $2 }' "/run/vm/writer.$1"
}

check "the patched core loads" load_patched
check "the devices are given to vfio-pci" bind_vfio "$VM_E1000E" "$VM_E1000E_2" "$VM_NVME" "$VM_VIRTIO"
policy owners "default block w unassigned" "default block w vendor" \
	"allow w owner=/$deep/good.scope" \
	"block w owner=/$deep/bad.scope"
check "rules for owners" guard load "$policy_file"

step_begin "four writers"
writer good "$VM_E1000E" 98 aaaa0001 &
writer bad "$VM_E1000E_2" 98 bbbb0002 &
writer good "$VM_VIRTIO" f0 aaaa0003 1 &
writer bad "$VM_NVME" f0 bbbb0004 1 &
wait
step_end

for device in "$VM_E1000E" "$VM_E1000E_2" "$VM_VIRTIO" "$VM_NVME"; do
	diag "$device: $(cat "/run/vm/writer.$device")"
	like "$(made "$device")" '^[0-9]{3,}$' "$device: hundreds of writes look done"
done
expect_bus exactly "$(made "$VM_E1000E")" write "$VM_E1000E" 0x98 0xaaaa0001
expect_bus exactly "$(made "$VM_VIRTIO")" write "$VM_VIRTIO" 0xf0 0xaaaa0003
expect_bus none write "$VM_E1000E_2" 0x98
expect_bus none write "$VM_NVME" 0xf0
done_testing
