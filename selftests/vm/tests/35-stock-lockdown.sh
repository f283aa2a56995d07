#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 35-stock-lockdown.sh - a stock kernel that is locked down for integrity, as Secure Boot
# does it: no program may write to a caller's buffer, so a blocked read is refused; all
# else is as ever (runs in the VM).
#
# vm-kernels: 6.12
# vm-kernels-more: 6.1 7.3
# vm-args: --timeout 300

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}"

check "the stock VFIO modules load" load_vfio
check "the e1000e is given to vfio-pci" bind_vfio "$VM_E1000E"
check "marks go through vfio" bus_marks_by_vfio
echo integrity > /sys/kernel/security/lockdown
like "$(cat /sys/kernel/security/lockdown)" '\[integrity\]' "the kernel is locked down"
vfio_start "$VM_E1000E"
policy strict "default block w unassigned" "default block r unassigned"
guard load "$policy_file" > /run/vm/out 2>&1
is "$?" 0 "a policy that blocks reads loads"
like "$(cat /run/vm/out)" "blocked reads end with EPERM" "and says what becomes of these"
snapshot
is "$(state door)" stock "it protects"
step_begin "blocked"
is "$(vfio_do "r 80 4")" -EPERM "a blocked read is refused"
is "$(vfio_do "w 80 4 cafef00d")" 4 "a blocked write looks done"
is "$(vfio_do "r 0 4")" "4 10d38086" "the header can be read"
step_end
expect_bus none any "$VM_E1000E" 0x80
snapshot
is "$(counter "$VM_E1000E" blocked)" 2 "both are counted"
vfio_stop
done_testing
