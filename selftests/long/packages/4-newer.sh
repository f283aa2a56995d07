#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 4-newer.sh - the newer kernel of the backports, with the module that was built for it:
# protected by way of the hook. Then the module's package goes.

# shellcheck source=selftests/long/packages/lib.sh
. "${0%/*}/lib.sh"

like "$VM_KVER" "^7\\." "the newer kernel runs"
check "the module of dkms is loaded" loaded "$patched"
is "$(dmesg | grep -i 'struct_ops' | grep -iE 'should|error|fail')" "" "the kernel took the hook's type"
is "$(systemctl is-active vfioguard)" active "the service runs"
is "$(systemctl --failed --no-legend --plain)" "" "no unit failed"
is "$(journalctl -b -u vfioguard --no-pager | grep -i 'could not')" "" "the service has no complaint"
like "$(guard status --json)" '"door": "hook"' "the policy is in force by way of the hook"
like "$(guard events)" "blocked write of 0ddba11e at 0x080 .* of 0000:02:00.0" "it saw the early guest"
check "a device is bound" bind_vfio "$VM_E1000E"
step_begin "writes under the policy"
expect_bus none write "$VM_E1000E" 0x80
expect_bus exactly 1 write "$VM_E1000E" 0x0c
is "$(vfio_cfg "$VM_E1000E" "w 80 4 deadbeef")" 4 "a guest writes to unassigned space, and is told nothing"
is "$(vfio_cfg "$VM_E1000E" "w c 1 10")" 1 "and to the header"
step_end

check "vfioguard-dkms is removed" apt remove vfioguard-dkms
is "$(modinfo -F filename vfio-pci-core)" "$stock" "modprobe takes the stock module"
check "each file of the kernels' packages is as it was" whole
is "$(find /var/lib/dkms -name '*vfio*' 2> /dev/null)" "" "dkms has nothing of it"
is "$(systemctl is-active vfioguard)" active "the service still runs"
done_testing
