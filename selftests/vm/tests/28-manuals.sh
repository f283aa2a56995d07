#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 28-manuals.sh - every command in an example of a manual page, as it stands there
# (runs in the VM). selftests/unit/manuals.sh has those that need no kernel.
#
# A command that is there for its effect on the whole host has a test of its own.

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

cgroup='/sys/fs/cgroup/machine.slice/machine-qemu\x2d1\x2dtest\x2dvm.scope'
examples=/run/vm/examples

# What a reader has: the commands by their names, and the shipped policies.
mkdir -p /run/vm/path "$cgroup" /etc/vfioguard
ln -s "$VM_SRC/build/vfioguard" "$VM_SRC/build/tools/bpftool" /run/vm/path
PATH=/run/vm/path:$PATH
unset -f bpftool
cp -r "$VM_SRC"/policies/*.policy "$VM_SRC/policies/devices" /etc/vfioguard

check "auditd runs" start_auditd
check "the patched core loads" load_patched
check "the device is bound" bind_vfio "$VM_E1000E"
check "the daemon runs" start_daemon /etc/vfioguard/default.policy
(
	echo "$BASHPID" > "$cgroup/cgroup.procs"
	vfio_cfg "$VM_E1000E" "w 80 4 deadbeef" > /dev/null
)
check "an event arrives" wait_for grep -q 'type=USER_DEVICE' /var/log/audit/audit.log
guard allow 8086:10fb > /run/vm/out 2>&1
check "an edit arrives" wait_for grep -q 'type=USER_MAC_CONFIG_CHANGE' /var/log/audit/audit.log
audit_sync

# run LINE: 0 if it is done, or would go on for ever as it ought to
run()
{
	local rc=0 limit=60

	case $1 in
	*--follow*) limit=3 ;;
	# ausearch takes stdin for the log unless that is a terminal.
	ausearch*) set -- "${1/ausearch/ausearch --input-logs}" ;;
	esac
	(cd /etc/vfioguard && timeout "$limit" bash -c "$1") > /run/vm/run.out 2>&1 || rc=$?
	[ "$limit $rc" != "3 124" ] || rc=0
	cat /run/vm/run.out
	return "$rc"
}

n=0
for page in "$VM_SRC"/man/*.scd; do
	rm -rf "$examples"
	mkdir "$examples"
	awk -v dir="$examples" -f "$VM_SRC/selftests/unit/examples.awk" "$page"
	for kind in "$examples"/*.kind; do
		[ -e "$kind" ] || continue
		read -r word _ < "$kind"
		case $word in
		command | ausearch | bpftool) ;;
		*) continue ;;
		esac
		while IFS= read -r line <&3; do
			n=$((n + 1))
			case $line in
			"vfioguard lock"*) skip "$line" "see the tests of the lock" ;;
			*) check "$line" run "$line" ;;
			esac
			# An answer that says nothing shows nothing.
			case $line in
			ausearch*) like "$(< /run/vm/run.out)" "vfioguard" "it finds a record" ;;
			"vfioguard events"*) like "$(< /run/vm/run.out)" "0000:01:00.0" "it shows the event" ;;
			esac
		done 3< "${kind%.kind}"
	done
done
check "the pages have examples ($n)" test "$n" -gt 10
stop_daemon
done_testing
