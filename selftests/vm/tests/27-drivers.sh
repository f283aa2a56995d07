#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 27-drivers.sh - Linux' own drivers under the shipped policies (runs in the VM).
#
# A guest has seven devices: e1000e, nvme, virtio-net, xhci with a tablet and a disk,
# AHCI with a disk, HDA with a codec, virtio-blk. Under default.policy and
# strict.policy its drivers must find them and do I/O as without a policy.
#
# What the drivers touch in unassigned space and in vendor capabilities is learnt at
# a second probe and compared with data/drivers.learned. After a change of the kernel:
# build/vm/27-drivers/share/drivers.learned is what it should be now.
#
# vm-args: --svm --drivers --timeout 900 --mem 1280

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

# In the order in which the guest gets them.
devices="$VM_E1000E $VM_NVME $VM_VIRTIO $VM_XHCI $VM_AHCI $VM_HDA $VM_VIRTIO_BLK ${VM_IGB:-}"
# shellcheck disable=SC2034 # for start_nested
NESTED_DRIVERS=1

# guest COMMAND: with what guest/drivers.sh offers; lines are put together
guest()
{
	nested ". /drivers.sh; ${1//$'\n'/ }"
}

# disk_works NAME N: a pattern is written, and read again from the disk
disk_works()
{
	check "$1: writes and reads back" guest "wait_for disk $2 && d=\$(disk $2) &&
		dd if=/dev/urandom of=/p bs=4096 count=16 && dd if=/p of=\$d bs=4096 conv=fsync &&
		echo 3 > /proc/sys/vm/drop_caches && dd if=\$d of=/q bs=4096 count=16 && cmp /p /q"
}

# nic_works NAME N OTHER: what it sends comes in at another card on the same wire
nic_works()
{
	check "$1: what it sends arrives" guest "a=\$(nic $2) b=\$(nic $3) &&
		for i in \$a \$b; do ip link set \${i##*/} up; done &&
		for i in \$(seq 50); do [ \$(cat \$a/carrier) = 1 ] && break; sleep 0.2; done;
		ip addr add 10.0.$2.1/24 dev \${a##*/};
		before=\$(cat \$b/statistics/rx_packets);
		arping -c 3 -w 3 -I \${a##*/} 10.0.$2.9; cat \$b/statistics/rx_packets;
		[ \$(cat \$b/statistics/rx_packets) -ge \$((before + 3)) ]"
}

probe()
{
	local name

	for name in e1000e nvme virtio-net xhci ahci hda virtio-blk ${VM_IGB:+igb}; do
		check "$1, $name: the driver is inserted" nested "use $name"
	done
}

# Each device is used by its driver.
all_work()
{
	local text=$1

	disk_works "$text, nvme" 2
	disk_works "$text, ahci" 5
	disk_works "$text, virtio-blk" 7
	disk_works "$text, xhci: usb-storage" 4
	nic_works "$text, e1000e" 1 3
	nic_works "$text, virtio-net" 3 1
	if [ -n "${VM_IGB:-}" ]; then
		nic_works "$text, igb" 8 1
	else
		skip "$text, igb" "QEMU has it from 8.0 on"
	fi
	check "$text, xhci: the tablet is found" guest "cat /sys/bus/usb/devices/*/product | grep 'USB Tablet' &&
		grep 'QEMU USB Tablet' /proc/bus/input/devices"
	check "$text, hda: the codec is found" guest "grep '^Codec: ' /proc/asound/card0/codec#0"
	check "$text, hda: it plays" guest "dd if=/dev/zero of=/dev/dsp bs=4096 count=2 &&
		grep -E ' [1-9][0-9]* .*snd_hda' /proc/interrupts"
}

start_guest()
{
	# shellcheck disable=SC2086 # words
	check "$1: the guest boots" start_nested $devices
}

# Of unassigned space and vendor capabilities: "IDS REGISTER WIDTH DIRECTION WHERE".
learnt()
{
	guard learn show --json | awk -F '"' '
		$2 == "vendor_id" { ids = $4 }
		$2 == "device_id" { ids = ids ":" $4 }
		$2 == "offset" { gsub(/[^0-9]/, "", $3); at = $3 }
		$2 == "size" { gsub(/[^0-9]/, "", $3); size = $3 }
		$2 == "access" { access = $4 }
		$2 == "region" { region = $4 }
		$2 == "place" && (region == "unassigned" || region == "vendor-capability") {
			printf "%s 0x%03x %s %s %s\n", ids, at, size, access, $4 }' | sort -u
}

# As after power-on: the driver looks at it, and leaves alone what it set before.
reset_ahci()
{
	setpci -s "$VM_AHCI" 92.w=0
}

check "the patched core loads" load_patched
# shellcheck disable=SC2086 # words
check "the devices are given to vfio-pci" bind_vfio $devices

for policy in strict default; do
	check "$policy.policy loads" guard load "policies/$policy.policy"
	start_guest "$policy"
	reset_ahci
	step_begin "$policy: drivers"
	probe "$policy"
	all_work "$policy"
	step_end
	for where in 0x40-0x9f 0x14c-0xfff; do
		expect_bus none write "$VM_E1000E" "$where"
		[ "$policy" = default ] || expect_bus none read "$VM_E1000E" "$where"
	done
	expect_bus none write "$VM_NVME" 0x100-0xfff
	[ "$policy" = default ] || expect_bus none read "$VM_NVME" 0x100-0xfff
	# What the device library knows that drivers need.
	expect_bus some write "$VM_AHCI" 0x92
	expect_bus some write "$VM_HDA" 0x44
	check "$policy: no driver complains" \
		nested "! dmesg | grep -iE 'timed? ?out|failed|fatal|unable to|hardware error'"
	[ "$policy" = default ] || check "$policy: the guest powers off" stop_nested
done

# What QEMU read when it started and the guest when it scanned the bus is not the
# drivers', nor is what they do to let go of a device.
check "the drivers are taken off" guest "for n in \$(seq $(wc -w <<< "$devices")); do unbind \$n || exit; done"
reset_ahci
check "learning starts" guard learn start
check "the drivers probe again" guest "for n in \$(seq $(wc -w <<< "$devices")); do bind \$n || exit; done"
all_work learning
learnt > "$VM_SHARE/drivers.learned"
check "learning: the guest powers off" stop_nested
is "$(guard learn status --json | sed -n 's/.*"lost": //p')" 0 "nothing found no room"
is "$(< "$VM_SHARE/drivers.learned")" "$(grep -v '^#' selftests/vm/data/drivers.learned)" \
	"the drivers touched what they did before"
done_testing
