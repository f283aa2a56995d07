#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vm-main.sh - first process on the VM's real root: checks, then runs the test.
#
# Started by initrd-init.sh, or by the unit of disk.sh, never by hand. The test's
# output goes to the host through one virtio-serial port, the harness's own words
# (exit status, steps, expectations) through another, kernel messages through the
# serial console. So a test's output is never mixed with kernel messages, and a panic
# cannot eat it.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# No locale: its dozen files cost each program 30 ms on 9p.
export HOME=/root LC_ALL=C TERM=dumb

set -a
# shellcheck source=/dev/null
. /run/vm/share/run.env
# shellcheck source=/dev/null
. /run/vm/share/machine.env
set +a

say()
{
	echo "vm: $*" > /dev/kmsg
}

power_off()
{
	sync
	# A system of its own is shut down as such.
	[ -z "$VM_DISK" ] || systemctl poweroff
	# Works without any tool on the root; the loop waits for it to happen.
	[ -n "$VM_DISK" ] || echo o > /proc/sysrq-trigger
	while :; do
		sleep 1
	done
}

# Firmware numbers the buses. If that ever changes, every test would attack the
# wrong device, so check what stands where before the test starts.
check_devices()
{
	local bdf id vendor device have

	while read -r bdf id; do
		read -r vendor < "/sys/bus/pci/devices/$bdf/vendor"
		read -r device < "/sys/bus/pci/devices/$bdf/device"
		have=${vendor#0x}:${device#0x}
		if [ "$have" != "$id" ]; then
			say "device at $bdf is '$have', expected $id"
			return 1
		fi
	done < /run/vm/share/devices
}

for ((i = 0; i < 100; i++)); do
	[ -c /dev/vport0p2 ] && break
	sleep 0.05
done
exec 9> /dev/vport0p2 || power_off
export VM_STATUS_FD=9
check_devices || power_off

# The ports admit one writer, so the test writes into a pipe: it can then be
# opened again (/dev/stderr) and shared with background programs.
exec 8> /dev/vport0p1 || power_off
coproc OUT { exec cat >&8 9>&-; }
# shellcheck disable=SC2153 # set by coproc
out_pid=$OUT_PID
exec 7>&"${OUT[1]}" 8>&-
eval "exec ${OUT[0]}<&- ${OUT[1]}>&-"

cd "$VM_SRC" || power_off
mapfile -d '' -t argv < /run/vm/share/argv
# shellcheck source=selftests/vm/lib/bus.sh
. "$VM_SRC/selftests/vm/lib/bus.sh"
bus_sync

# The nested guest's parts come in over 9p, which is slow the first time: let the
# second processor fetch them while the test is still busy with other things.
if [ -n "$VM_SVM" ]; then
	(modprobe -a ccp kvm kvm-amd; exec qemu-system-x86_64 --version) \
		< /dev/null > /dev/null 2>&1 7>&- 9>&- &
fi

say "running ${argv[0]}"
(exec "${argv[@]}" < /dev/null >&7 2>&1 7>&-)
rc=$?
say "${argv[0]} ended with $rc"

# Programs left in the background may keep the pipe open: wait for the output
# that is there, not for them.
exec 7>&-
for ((i = 0; i < 10; i++)); do
	kill -0 "$out_pid" 2>/dev/null || break
	sleep 0.1
done
echo "exit $rc" >&9
power_off
