#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 2-upgrade.sh - after the first boot with the packages: protected; then an upgrade
# under a guest that never stops writing.

# shellcheck source=selftests/long/packages/lib.sh
. "${0%/*}/lib.sh"

# By way of the daemon and auditd, so not at once.
recorded()
{
	ausearch --input-logs -m USER_DEVICE -i | grep -q "op=blocked-write device=0000:01:00.0"
}

check "the module of dkms is loaded" loaded "$patched"
check "and not the stock one" not loaded "$stock"
is "$(systemctl is-active vfioguard)" active "the service runs"
is "$(systemctl --failed --no-legend --plain)" "" "no unit failed"
like "$(guard events)" "blocked write of 0ddba11e at 0x080 .* of 0000:02:00.0" "it saw the early guest"
check "a device is bound" bind_vfio "$VM_E1000E"
step_begin "a write under the policy"
expect_bus none write "$VM_E1000E" 0x80
is "$(vfio_cfg "$VM_E1000E" "w 80 4 deadbeef")" 4 "a guest writes, and is told nothing"
step_end
check "ausearch has the record" wait_for recorded

echo "allow rw 8086:1533 0x90" >> /etc/vfioguard/default.policy
edited=$(find /etc/vfioguard -type f -exec sha256sum {} +)
before=$(systemctl show -P MainPID vfioguard)
check "a guest takes the device" vfio_start "$VM_E1000E"
step_begin "the upgrade"
expect_bus none write "$VM_E1000E" 0x80
vfio_pace 20 "w 80 4 deadbeef"
check "apt installs the next version" \
	apt install "/root/packages/vfioguard_${NEW}_amd64.deb" "/root/packages/vfioguard-dkms_${NEW}_all.deb"
like "$(vfio_rest)" "^4 [1-9][0-9]*$" "the guest wrote all the time"
step_end
vfio_stop
check "vfioguard is the new one" present vfioguard "$NEW"
check "vfioguard-dkms is the new one" present vfioguard-dkms "$NEW"
is "$(dkms status vfioguard)" "vfioguard/$NEW, $VM_KVER, x86_64: installed" "dkms has the new one alone"
is "$(find /etc/vfioguard -type f -exec sha256sum {} +)" "$edited" "what was edited is as it was"
is "$(systemctl is-active vfioguard)" active "the service runs"
check "it is the new binary's" test "$(systemctl show -P MainPID vfioguard)" != "$before"
like "$(guard status --json)" '"attached": true' "the policy is attached"

systemctl stop vfioguard
check "apt installs it again" apt install --reinstall "/root/packages/vfioguard_${NEW}_amd64.deb"
is "$(systemctl is-active vfioguard)" active "where the hook is loaded, the service is started"
done_testing
