#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scene-a.sh - stock behaviour: one guest write takes the host down.

. "$(dirname "$0")/scene-lib.sh"

say "The stock kernel. The device is given to a guest, as every host does it."
check "the stock VFIO modules load" load_vfio
check "the device is given to vfio-pci" bind_vfio "$VM_E1000E"
boot_guest

say "The guest writes one register that belongs to no capability."
step_begin "the guest's write"
expect_bus exactly 1 write "$VM_E1000E" 0x80 0xcafef00d
guest "setpci -s $dev 80.l=cafef00d"
sleep 15
step_end
not_ok "the host is still there, though the write reached a fragile device"
done_testing
