#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 17-reload.sh - reloads under a client that never stops (runs in the VM).
#
# Two policies let different halves of a write through. Each write that reaches
# the bus must be one of the two halves: a whole one would be a moment without a
# policy, a missing one a moment with neither, another value a mixture.
#
# 40 reloads; 1,000 with VM_LONG=1. At some hundred writes a second, so that the
# trace stays small.
#
# vm-args: --timeout 3000

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}"

reloads=${VM_LONG:+1000}
: "${reloads:=40}"

check "the patched core loads" load_patched
check "the device is given to vfio-pci" bind_vfio "$VM_VIRTIO"

# A vendor capability, whose registers nobody can change: that which says where the
# common structure is, at 0.
common=("mode enforce" "default block rw unassigned" "default block rw vendor"
	"default allow rw other")
policy lower "${common[@]}" "allow w 1af4:1041 0x8c wmask=0x0000ffff"
lower=$policy_file
policy upper "${common[@]}" "allow w 1af4:1041 0x8c wmask=0xffff0000"
upper=$policy_file
check "the first policy loads" guard -q load "$lower"
check "the device opens" vfio_start "$VM_VIRTIO"

step_begin "$reloads reloads"
vfio_pace 2 "w 8c 4 ffffffff"
failed=0
for ((i = 0; i < reloads; i += 2)); do
	guard -q load "$upper" || failed=$((failed + 1))
	guard -q load "$lower" || failed=$((failed + 1))
done
answer=$(vfio_rest)
step_end
is "$failed" 0 "all of $reloads reloads"
read -r size count <<< "$answer"
is "$size" 4 "each of $count writes looked done"
check "they went on all the time" [ "$count" -gt "$reloads" ]
is "$(guard status --json | sed -n 's/.*"generation": \([0-9]*\).*/\1/p' | head -n 1)" \
	$((reloads + 1)) "the generation counts the reloads"
expect_bus exactly "$count" write "$VM_VIRTIO" 0x8c
expect_bus none write "$VM_VIRTIO" 0x8c 0xffffffff
expect_bus none write "$VM_VIRTIO" 0x8c 0x0
expect_bus some write "$VM_VIRTIO" 0x8c 0xffff
expect_bus some write "$VM_VIRTIO" 0x8c 0xffff0000
check "the device closes" vfio_stop
done_testing
