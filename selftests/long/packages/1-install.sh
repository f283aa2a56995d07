#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 1-install.sh - on a fresh Debian: not protected; the packages go in, and it is.

# shellcheck source=selftests/long/packages/lib.sh
. "${0%/*}/lib.sh"

is "$(dpkg-query -W 'vfioguard*' 2> /dev/null)" "" "nothing of ours is installed"
check "the stock module is loaded" loaded "$stock"
check "a device is bound" bind_vfio "$VM_E1000E"
step_begin "a write without the packages"
expect_bus exactly 1 write "$VM_E1000E" 0x80 0xdeadbeef
is "$(vfio_cfg "$VM_E1000E" "w 80 4 deadbeef")" 4 "a guest writes"
step_end
stock_sum=$(sha256sum "$stock")

# A kernel that there is no series for.
mkdir -p /lib/modules/6.1.0-1-amd64/kernel/drivers/vfio
check "apt installs them, with what they need" \
	apt install "/root/packages/vfioguard_${OLD}_amd64.deb" "/root/packages/vfioguard-dkms_${OLD}_all.deb"
check "vfioguard is installed" present vfioguard "$OLD"
check "vfioguard-dkms is installed" present vfioguard-dkms "$OLD"
check "auditd came along" present auditd "$(dpkg-query -W -f '${Version}' auditd)"
is "$(dkms status vfioguard)" "vfioguard/$OLD, $VM_KVER, x86_64: installed" "dkms made the module"
is "$(sha256sum "$stock")" "$stock_sum" "the stock module is as it was"
is "$(modinfo -F filename vfio-pci-core)" "$patched" "modprobe takes ours from now on"
like "$(modinfo -F signer vfio-pci-core)" "DKMS module signing key" "it is signed by dkms's key"
like "$(< "$VM_SHARE/apt.log")" "no vfio-pci-core for kernel 6.1.0-1-amd64: there is no series for it" \
	"the kernel without a series is named"
like "$(< "$VM_SHARE/apt.log")" "the new module is used from the next boot on" "so is what to do"
check "each file of the kernel's packages is as it was" whole
like "$(tail -n 20 "$VM_SHARE/apt.log")" "vfioguard: the policy is in force, without the hook" \
	"the end says how this host is protected"
like "$(tail -n 20 "$VM_SHARE/apt.log")" "WARNING: kernel 6.1.0-1-amd64 has no patched vfio-pci-core" \
	"and what it is with the other kernel"
is "$(grep -i 'could not\|fail\|error' "$VM_SHARE/apt.log")" "" "nothing went wrong"
is "$(systemctl is-enabled vfioguard)" enabled "the service is enabled"
is "$(systemctl is-active vfioguard)" active "and runs"
like "$(guard status --json)" '"door": "stock"' "by way of the stock kernel, until the boot"
step_begin "a write with the packages"
expect_bus none write "$VM_E1000E" 0x80
is "$(vfio_cfg "$VM_E1000E" "w 80 4 deadbeef")" 4 "a guest writes, and is told nothing"
step_end
is "$(systemctl --failed --no-legend --plain)" "" "no unit failed"
check "what is loaded stays until then" loaded "$stock"
done_testing
