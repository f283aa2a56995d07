#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 5-stock.sh - the newer kernel without vfioguard-dkms: protected all the same.

# shellcheck source=selftests/long/packages/lib.sh
. "${0%/*}/lib.sh"

check "the stock module is loaded" loaded "$stock"
is "$(systemctl is-active vfioguard)" active "the service runs"
is "$(systemctl --failed --no-legend --plain)" "" "no unit failed"
like "$(guard status --json)" '"door": "stock"' "the policy is in force by way of the stock kernel"
like "$(guard events)" "blocked write of 0ddba11e at 0x080 .* of 0000:02:00.0" "it saw the early guest"
check "a device is bound" bind_vfio "$VM_E1000E"
step_begin "a write under the policy"
expect_bus none write "$VM_E1000E" 0x80
is "$(vfio_cfg "$VM_E1000E" "w 80 4 deadbeef")" 4 "a guest writes, and is told nothing"
step_end
check "purge" apt purge vfioguard
is "$(find /etc /var/lib /usr /boot /lib/modules /run/vfioguard -xdev -iname '*vfioguard*' 2> /dev/null)" "" \
	"nothing of the name is left"
check "each file of the kernels' packages is as it was" whole
done_testing
