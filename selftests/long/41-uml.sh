#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 41-uml.sh - User Mode Linux under default.policy: its own driver reads and writes a
# disk, its write to unassigned space is stopped, and with the policy out of force the
# same write reaches the bus (runs in the VM, which it starts).
#
# It is a kernel that runs as a program and has a driver for VFIO (arch/um/drivers/
# vfio_*.c), so it is neither QEMU nor a library, and no hypervisor is between its
# drivers and VFIO. What it reads was written by the VM's own driver, and that reads
# what it wrote. Long because it is built first.
#
# vm-args: --svm --timeout 600

if [ -z "${VM_SRC:-}" ]; then
	here=$(cd "$(dirname "$0")" && pwd)
	"$here/../../scripts/deps.sh" kernel || exit 1
	linux=$("$here/../../scripts/uml.sh") || exit 1
	# The VM may not see the cache.
	install -D "$linux" "$here/../../build/uml/linux" || exit 1
	exec "$here/../vm/test.sh" "$here/${0##*/}"
fi

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/vm/lib/clients.sh
. "$VM_SRC/selftests/vm/lib/clients.sh"
: "${client_log:?}" "${client_pid=}"

pattern=/run/vm/pattern
disk=/dev/nvme0n1

# uml COMMAND: run it there; its output, and its exit status
uml()
{
	local from

	from=$(($(wc -l < "$client_log") + 1))
	client_say "$1"
	client_says '^##rc=' "$from" || return
	tail -n "+$from" "$client_log" | tr -d '\r' | sed '/^##rc=/,$d'
	return "$(tail -n "+$from" "$client_log" | sed -n 's/^##rc=\([0-9]*\).*/\1/p')"
}

# The initramfs of the nested guest, but for its init, which wants another port. UML
# can't wait for a file to take more, so there is a pipe.
start_uml()
{
	local initrd

	initrd=$(nested_initrd) || return
	# shellcheck disable=SC2016 # the inner shell's
	client_start bash -c 'exec "$@" > >(exec cat)' bash "$VM_SRC/build/uml/linux" mem=64M \
		"initrd=$initrd" con0=fd:0,fd:1 con=null console=tty0 loglevel=5 root=none \
		"vfio_uml.device=$VM_NVME" rdinit=/bin/busybox -- sh
	client_says ' # ' || return
	client_say '/bin/busybox --install -s /bin; mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev'
	# From here on without prompts, and what comes in is not shown.
	# shellcheck disable=SC2016 # that shell's
	client_say 'stty -echo; echo "##"ready; while read -r line; do sh -c "$line" < /dev/null 2>&1; echo "##rc=$?"; done'
	client_says '^##ready'
}

has_disk()
{
	[ -b "$disk" ]
}

CLIENT_LIMIT=120
modprobe nvme
check "the VM's driver takes the disk" wait_for has_disk
head -c 65536 /dev/urandom > "$pattern"
check "and writes" dd "if=$pattern" "of=$disk" bs=64k seek=1 conv=fsync status=none
check "the patched core loads" load_patched
bind_vfio "$VM_NVME"
check "default.policy loads" load_default
check "UML starts" start_uml
check "its driver takes the disk" uml "i=0; until [ -b $disk ] || [ \$((i += 1)) = 100 ]; do sleep 0.2; done; [ -b $disk ]"
is "$(uml "dd if=$disk bs=64k skip=1 count=1 2> /dev/null | md5sum")" "$(md5sum < "$pattern")" \
	"it reads what the VM wrote"
check "and writes" uml "dd if=/bin/busybox of=$disk bs=64k seek=4 count=8 conv=fsync 2> /dev/null"
check "by interrupts" uml "awk '/nvme0q1/ { n = \$2 } END { exit !n }' /proc/interrupts"
step_begin "UML writes, default.policy"
check "UML's write looks done" uml "setpci -s 00:00.0 c0.l=cafef00d"
step_end
expect_bus none write "$VM_NVME" 0xc0
attributed "$client_pid" linux "$VM_NVME" 192 "UML"
is "$(uml "blockdev --flushbufs $disk; dd if=$disk bs=64k skip=1 count=1 2> /dev/null | md5sum")" \
	"$(md5sum < "$pattern")" "UML still reads"
check "the policy goes out of force" guard unload
step_begin "UML writes, no policy"
check "UML writes again" uml "setpci -s 00:00.0 c0.l=cafef00d"
step_end
expect_bus exactly 1 write "$VM_NVME" 0xc0 0xcafef00d
client_say "poweroff -f"
check "UML powers off" client_ends
is "$(grep -aE 'vfio.uml|WARNING|BUG:|panic' "$client_log")" "" "it has nothing to complain about"
unbind_vfio "$VM_NVME"
echo "$VM_NVME" > /sys/bus/pci/drivers/nvme/bind
check "the VM's driver takes the disk again" wait_for has_disk
is "$(dd "if=$disk" bs=64k skip=4 count=8 status=none | md5sum)" "$(head -c 524288 /bin/busybox | md5sum)" \
	"it reads what UML wrote"
done_testing
