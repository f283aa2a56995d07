# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scene-lib.sh - what the scenes of the demo share (sourced in the VM).
#
#	say TEXT...		a line that explains
#	host COMMAND...		show a command of the host's administrator, run it
#	guest COMMAND...	the same in the guest
#	prepare [PARAM...]	patched vfio-pci-core, device given to vfio-pci
#	boot_guest		the KVM guest with the device
#	same_write_dropped	the write of scene a, under a policy: in a step that stays open
#
# The register that is written is 0x80 of an e1000e: it belongs to no capability.

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

export PATH="$VM_SRC/build:$VM_SRC/build/tools:$PATH"
module=$VM_SRC/build/module/$VM_KVER/vfio-pci-core.ko
dev=$(nested_bdf 1)

say()
{
	printf '\n%s\n' "$*"
}

host()
{
	echo "host# $*"
	"$@" 2>&1 | sed 's/^/      /'
	return "${PIPESTATUS[0]}"
}

guest()
{
	echo "guest# $*"
	nested "$*" | sed 's/^/      /'
}

prepare()
{
	check "the patched vfio-pci-core loads, and the stock vfio-pci on it" \
		load_vfio --core "$module" "$@"
	check "the device is given to vfio-pci" bind_vfio "$VM_E1000E"
}

boot_guest()
{
	check "a KVM guest boots with the device" start_nested "$VM_E1000E"
	is "$(nested "setpci -s $dev 0.l")" 10d38086 "the guest sees the device"
}

# The daemon with the real auditd, as on a host.
start_guard()
{
	local i

	check "auditd runs" start_auditd
	echo "host# vfioguard run --policy policies/default.policy &"
	vfioguard run --policy "$VM_SRC/policies/default.policy" \
		> /run/vm/guard.log 2>&1 7>&- 9>&- &
	for ((i = 0; i < 900; i++)); do
		grep -qs 'ready; policy' /run/vm/guard.log && break
		sleep 0.1
	done
	sed 's/^/      /' /run/vm/guard.log
	check "the daemon is ready" grep -q 'ready; policy' /run/vm/guard.log
}

same_write_dropped()
{
	say "The same guest, the same write, the same fragile device."
	# Not ended before the guest is: nothing may come later either.
	step_begin "the guest's write, and all that follows"
	expect_bus none any "$VM_E1000E" 0x80-0x83
	guest "setpci -s $dev 80.l=cafef00d"
	is "$(nested "setpci -s $dev 0.l")" 10d38086 "the guest goes on"

	say "What the host knows about it:"
	audit_sync
	host ausearch -m USER_DEVICE
	like "$(ausearch -m USER_DEVICE 2>&1)" \
		'op=blocked-write device="0000:01:00.0" .*offset=0x80 .*val=0xcafef00d .*res=failed' \
		"the audit log has the record"
	host vfioguard events --verdict blocked
	host vfioguard status
	like "$(vfioguard status --json)" '"blocked": 1,' "the status counts one blocked access"
}
