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

# The next version has changed two of the files that are edited, and one that is not.
cd /etc/vfioguard || exit
echo "allow rw 8086:1533 0x90" >> default.policy
echo "# edited" >> policy.d/10-base.policy
echo "allow w 8086:1533 0x94" >> policy.d/50-local.policy
edited=$(sha256sum default.policy policy.d/*.policy)
before=$(systemctl show -P MainPID vfioguard)
check "a guest takes the device" vfio_start "$VM_E1000E"
step_begin "the upgrade"
expect_bus none write "$VM_E1000E" 0x80
vfio_pace 20 "w 80 4 deadbeef"
check "apt installs the next version" \
	apt -o DPkg::Options::=--force-confdef -o DPkg::Options::=--force-confold install "/root/packages/vfioguard_${NEW}_amd64.deb" "/root/packages/vfioguard-dkms_${NEW}_all.deb"
like "$(vfio_rest)" "^4 [1-9][0-9]*$" "the guest wrote all the time"
step_end
vfio_stop
check "vfioguard is the new one" present vfioguard "$NEW"
check "vfioguard-dkms is the new one" present vfioguard-dkms "$NEW"
is "$(dkms status vfioguard)" "vfioguard/$NEW, $VM_KVER, x86_64: installed" "dkms has the new one alone"
is "$(sha256sum default.policy policy.d/*.policy)" "$edited" "what was edited is as it was"
is "$(tail -qn 1 default.policy.dpkg-dist policy.d/10-base.policy.dpkg-dist | uniq -c | xargs)" \
	"2 # of the next version" "what the next version has is beside it"
is "$(tail -n 1 strict.policy)" "# of the next version" "what was not edited is the next version's"
is "$(systemctl is-active vfioguard)" active "the service runs"
check "it is the new binary's" test "$(systemctl show -P MainPID vfioguard)" != "$before"
like "$(guard status --json)" '"door": "hook"' "the policy is in force by way of the hook"
like "$(guard status --json)" '"attached": true' "and attached"
like "$(guard explain 8086:1533 0x90 w)" "^allowed: .*default.policy:" "with what was added to a file of ours"
like "$(guard explain 8086:1533 0x94 w)" "^allowed: .*50-local.policy:" "and with the host's own rules"

check "each file of the kernel's packages is as it was" whole

# Once set it can't be unset.
echo Y > /sys/module/module/parameters/sig_enforce
like "$(dpkg-reconfigure vfioguard-dkms 2>&1)" "mokutil --import /var/lib/dkms/mok.pub" \
	"where modules must be signed, the key to enrol is named"

systemctl stop vfioguard
check "apt installs it again" apt install --reinstall "/root/packages/vfioguard_${NEW}_amd64.deb"
is "$(systemctl is-active vfioguard)" active "and the service is started"
like "$(tail -n 20 "$VM_SHARE/apt.log")" "vfioguard: the policy is in force([^,]|\$)" "the end says so"
done_testing
