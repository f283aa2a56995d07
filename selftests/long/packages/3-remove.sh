#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 3-remove.sh - after a boot of the upgraded system: remove, and purge.

# shellcheck source=selftests/long/packages/lib.sh
. "${0%/*}/lib.sh"

check "the new module of dkms is loaded" loaded "$patched"
is "$(systemctl is-active vfioguard)" active "the service runs"
check "a device is bound" bind_vfio "$VM_E1000E"
check "remove" apt remove vfioguard vfioguard-dkms
check "no policy is left in the kernel" test ! -e /sys/fs/bpf/vfioguard
check "the module is gone" test ! -e "$patched"
check "each file of the kernel's packages is as it was" whole
check "the policies are kept" test -e /etc/vfioguard/default.policy
like "$(tail -n 1 /etc/vfioguard/default.policy)" "8086:1533" "as they were edited"
is "$(modinfo -F filename vfio-pci-core)" "$stock" "modprobe takes the stock module"
unbind_vfio "$VM_E1000E" 0000:02:00.0
check "the modules are loaded again" reload_core
check "the stock one is in use" loaded "$stock"
check "a device is bound" bind_vfio "$VM_E1000E"
step_begin "a write on the stock module"
expect_bus exactly 1 write "$VM_E1000E" 0x80 0xdeadbeef
is "$(vfio_cfg "$VM_E1000E" "w 80 4 deadbeef")" 4 "a guest writes"
step_end

check "purge" apt purge vfioguard vfioguard-dkms
is "$(find /etc /var/lib /usr /boot /lib/modules /run/vfioguard -xdev -iname '*vfioguard*' 2> /dev/null)" "" \
	"nothing of the name is left"
is "$(grep -rl vfioguard /etc /var/lib/dkms /var/lib/systemd 2> /dev/null)" "" "nothing speaks of it"
is "$(dpkg --audit; dpkg -V "linux-image-$VM_KVER")" "" "dpkg and the kernel are in order"
done_testing
