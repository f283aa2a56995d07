#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 01-stock-panic.sh - what happens without vfioguard: a guest's write kills the
# host (runs in the VM).
#
# vm-args: --svm --watch-fragile e1000e@01:00.0:0x80
# vm-panic: Fatal local machine check
# vm-kernels: 6.12
# vm-kernels-more: 6.1 7.3

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

check "the stock VFIO modules load" load_vfio
check "the device is given to vfio-pci" bind_vfio "$VM_E1000E"
check "a KVM guest boots with the device" start_nested "$VM_E1000E"

dev=$(nested_bdf 1)
is "$(nested "setpci -s $dev 0.l")" 10d38086 "the guest sees the device"

step_begin "the guest writes the fragile register"
expect_bus exactly 1 write "$VM_E1000E" 0x80 0xcafef00d
nested "setpci -s $dev 80.l=cafef00d"
sleep 5
step_end
not_ok "the host is still there"
done_testing
