#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lsm-line.sh - one boot of 63-lsm-lines.sh, which says on the kernel's command line what
# is expected: vm_door=stock, observe or none (runs in the VM).

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

want=$(sed 's/.*vm_door=\([a-z]*\).*/\1/' /proc/cmdline)
echo "# LSMs: $(cat /sys/kernel/security/lsm)"
check "the stock VFIO modules load" load_vfio
check "a device is given to vfio-pci" bind_vfio "$VM_E1000E"
guard load "$VM_SRC/policies/default.policy" > /run/vm/out 2>&1
rc=$?
if [ "$want" = none ]; then
	is "$rc" 3 "no policy is loaded"
	like "$(< /run/vm/out)" "lockdown keeps BPF programs from reading" "and it is said why"
	done_testing
	exit
fi
is "$rc" 0 "the default policy is loaded"
snapshot
is "$(state door)" "$want" "in mode $want"
vfio_start "$VM_E1000E"
step_begin "a write to unassigned space"
is "$(vfio_do "w 80 4 deadbeef")" 4 "a guest writes"
step_end
if [ "$want" = stock ]; then
	expect_bus none write "$VM_E1000E" 0x80
else
	expect_bus exactly 1 write "$VM_E1000E" 0x80
	like "$(< /run/vm/out)" "NOT PROTECTED" "nothing is refused, and it is said"
fi
vfio_stop
done_testing
