#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 28-clients.sh - three clients of VFIO, unmodified, under default.policy: each does
# real I/O, its write to unassigned space is stopped, and with the policy out of
# force the same write reaches the bus (runs in the VM).
#
#	qemu-io		QEMU's NVMe driver, without a guest
#	QEMU, KVM	a Linux guest with the driver of the disk
#	QEMU, TCG	firmware and a boot sector that it fetches from the disk
#
# The guests make that write themselves. qemu-io makes none of its own, so it is
# made to: see vfio-inject.c. DPDK, which needs many packages, and User Mode Linux, which
# is built first, are in selftests/long/.
#
# vm-args: --svm --drivers --timeout 600

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/vm/lib/clients.sh
. "$VM_SRC/selftests/vm/lib/clients.sh"

disk=nvme://$VM_NVME/1
boot=$VM_SRC/build/vm/bin/boot

check "the patched core loads" load_patched
bind_vfio "$VM_NVME"

# --- qemu-io -----------------------------------------------------------------

check "default.policy loads" load_default
# A line at a time, because it takes what else is there for the same line. Not every
# start gets the first interrupt of the emulated disk, on the stock module as well;
# qemu-io waits for it for ever.
starts_and_writes()
{
	local i

	for ((i = 0; i < 10; i++)); do
		client_start stdbuf -oL qemu-io -f raw "$disk"
		CLIENT_LIMIT=8 client_ask 'write -P 0x5a 64k 64k' 'wrote 65536/65536' && return
		kill -KILL "$client_pid"
		wait "$client_pid"
	done
	return 1
}

check "qemu-io: it writes" starts_and_writes
check "qemu-io: and reads" client_ask 'read -P 0x5a 64k 64k' 'read 65536/65536'
check "qemu-io: a boot sector is written" client_ask "write -s $boot 0 512" 'wrote 512/512'
inject qemu-io "$VM_NVME" c0
check "qemu-io: it still reads" client_ask 'read -P 0x5a 64k 64k' 'read 65536/65536'
client_say quit
check "qemu-io: it ends in order" client_ends
is "$(grep -ci 'fail\|error' "$client_log")" 0 "qemu-io: what it read is what it wrote"

# --- QEMU under TCG ------------------------------------------------------------

# tcg_writes BYTE: true when the guest has made its write
tcg_writes()
{
	local before

	before=$(stat -c %s /run/vm/tcg.said)
	# shellcheck disable=SC2059 # the byte is the format
	printf "\\x$1" >&"$tcg_in"
	wait_for test_size "$((before + 1))"
}

test_size()
{
	[ "$(stat -c %s /run/vm/tcg.said)" -ge "$1" ]
}

tcg_started()
{
	local i

	for ((i = 0; i < 600; i++)); do
		! grep -qs '[d!]' /run/vm/tcg.said || return 0
		kill -0 "$tcg" 2> /dev/null || break
		sleep 0.1
	done
	cat /run/vm/tcg.err
	return 1
}

mkfifo /run/vm/tcg.in
exec {tcg_in}<> /run/vm/tcg.in
qemu-system-x86_64 -M q35 -accel tcg -m 64 -nodefaults -no-user-config -display none \
	-device "vfio-pci,host=$VM_NVME,addr=3.0,rombar=0,bootindex=0" \
	-debugcon file:/run/vm/tcg.said -chardev stdio,id=serial -serial chardev:serial \
	< /run/vm/tcg.in > /dev/null 2> /run/vm/tcg.err 9>&- &
tcg=$!
check "TCG: firmware fetches the guest from the disk" tcg_started
is "$(< /run/vm/tcg.said)" d "TCG: the guest writes to the disk"
step_begin "the TCG guest writes, default.policy"
check "TCG: the guest writes to unassigned space" tcg_writes 5a
step_end
expect_bus none write "$VM_NVME" 0xc0
attributed "$tcg" qemu-system-x86 "$VM_NVME" 192 "TCG"
check "TCG: the policy goes out of force" guard unload
step_begin "the TCG guest writes, no policy"
check "TCG: the guest writes again" tcg_writes 5b
step_end
expect_bus exactly 1 write "$VM_NVME" 0xc0 0x5b
is "$(< /run/vm/tcg.err)" "" "TCG: QEMU has nothing to complain about"
kill "$tcg"
wait "$tcg"

# --- QEMU under KVM ------------------------------------------------------------

check "default.policy loads" load_default
# shellcheck disable=SC2034 # of nested.sh
NESTED_DRIVERS=1 NESTED_TIMEOUT=150
check "KVM: the guest boots" start_nested "$VM_NVME"
check "KVM: its driver takes the disk" nested "use nvme; . /drivers.sh; wait_for disk 1"
dev=$(nested_bdf 1)
# Of the sector that the guest before this one wrote, and of its own.
is "$(nested "dd if=/dev/nvme0n1 bs=512 skip=1 count=1 2> /dev/null | md5sum")" "$(md5sum < "$boot")" \
	"KVM: it reads what the other guest wrote"
nested "dd if=/bin/busybox of=/dev/nvme0n1 bs=64k seek=4 count=8 conv=fsync 2> /dev/null"
is "$(nested "blockdev --flushbufs /dev/nvme0n1; dd if=/dev/nvme0n1 bs=64k skip=4 count=8 2> /dev/null | md5sum")" \
	"$(nested "dd if=/bin/busybox bs=64k count=8 2> /dev/null | md5sum")" "KVM: and what it wrote itself"
step_begin "the KVM guest writes, default.policy"
nested "setpci -s $dev c0.l=cafef00d"
step_end
expect_bus none write "$VM_NVME" 0xc0
# shellcheck disable=SC2154 # of nested.sh
attributed "$nested_pid" qemu-system-x86 "$VM_NVME" 192 "KVM"
check "KVM: the policy goes out of force" guard unload
step_begin "the KVM guest writes, no policy"
nested "setpci -s $dev c0.l=cafef00d"
step_end
expect_bus exactly 1 write "$VM_NVME" 0xc0 0xcafef00d
check "KVM: the guest powers off" stop_nested
done_testing
