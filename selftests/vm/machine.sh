# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# machine.sh - the test machine: which devices there are and where.
#
# Sourced by run.sh. Fills the array machine_args and defines machine_env,
# machine_ids and their words. Every endpoint sits alone behind a root port, so
# it has an IOMMU group of its own and firmware gives it a bus of its own. Buses
# are numbered in the order of the root ports: the port at 00:10.0 leads to bus
# 01, 00:11.0 to 02 and so on. vm-main.sh checks this before each test.
#
#	name          address  id         trace name     what it is there for
#	VM_E1000E     01:00.0  8086:10d3  e1000e         unassigned below and above 0x100
#	VM_E1000E_2   02:00.0  8086:10d3  e1000e         a second device with the same id
#	VM_NVME       03:00.0  1b36:0010  nvme           PCIe without extended capabilities
#	VM_EDU        04:00.0  1234:11e8  edu            conventional: 256 bytes, MSI only
#	VM_TESTDEV    05:00.0  1b36:0005  pci-testdev    no capabilities at all
#	VM_VIRTIO     06:00.0  1af4:1041  virtio-net     vendor capabilities
#	VM_XHCI       07:00.0  1b36:000d  qemu-xhci      another id
#	VM_SDHCI      08:00.0  1b36:0007  sdhci-pci      conventional, no capabilities
#	VM_MARKER     09:00.0  1b36:0005  pci-testdev    marks in the trace; never give it to vfio

# With run.sh --drivers also:
#
#	VM_AHCI       0a:00.0  8086:2922  ich9-ahci      a disk on it
#	VM_HDA        0b:00.0  8086:293e  intel-hda      a codec on it
#	VM_VIRTIO_BLK 0c:00.0  1af4:1042  virtio-blk     a disk
#	VM_IGB        0d:00.0  8086:10c9  igb            from QEMU 8.0 on
#
# and a tablet and a disk at VM_XHCI.

machine_devices="
VM_E1000E 8086:10d3 e1000e,netdev=net0,romfile=
VM_E1000E_2 8086:10d3 e1000e,netdev=net1,romfile=
VM_NVME 1b36:0010 nvme,drive=nvme0,serial=vfioguard
VM_EDU 1234:11e8 edu
VM_TESTDEV 1b36:0005 pci-testdev
VM_VIRTIO 1af4:1041 virtio-net-pci,netdev=net2,disable-legacy=on,iommu_platform=on,romfile=
VM_XHCI 1b36:000d qemu-xhci
VM_SDHCI 1b36:0007 sdhci-pci
VM_MARKER 1b36:0005 pci-testdev
"

machine_drivers="
VM_AHCI 8086:2922 ich9-ahci
VM_HDA 8086:293e ich9-intel-hda
VM_VIRTIO_BLK 1af4:1042 virtio-blk-pci,drive=blk0,disable-legacy=on,iommu_platform=on
"
machine_igb="
VM_IGB 8086:10c9 igb,netdev=net3,romfile=
"

machine_args=()

# machine_disk DIR NAME
machine_disk()
{
	truncate -s 4M "$1/$2.raw"
	machine_args+=(-drive "if=none,id=$2,format=raw,file=$1/$2.raw")
}

# What must be there before the devices, and what sits on them.
machine_build_drivers()
{
	local dir=$1 disk

	for disk in blk0 ahci0 usb0; do
		machine_disk "$dir" "$disk"
	done
	machine_args+=(-netdev "hubport,id=net3,hubid=0" -audiodev "none,id=snd0")
}

machine_plug_drivers()
{
	machine_args+=(
		-device "ide-hd,drive=ahci0,bus=ahci.0"
		-device "hda-duplex,bus=hda.0,audiodev=snd0"
		-device "usb-tablet,bus=xhci.0"
		-device "usb-storage,bus=xhci.0,drive=usb0"
	)
}

# machine_build DIR [DRIVERS]: fill machine_args, write machine.env and devices to
# DIR/share. DRIVERS, if not empty: with the devices for drivers.
machine_build()
{
	local dir=$1 drivers=${2:-} bus=0 name id dev bdf devices=$machine_devices

	truncate -s 4M "$dir/nvme.raw"
	machine_args=(
		-M "q35,kernel-irqchip=split"
		-nodefaults -no-user-config -display none -no-reboot
		# Before the endpoints: they look for the IOMMU when they are made.
		-device "intel-iommu,intremap=on,caching-mode=on,aw-bits=48"
		-drive "if=none,id=nvme0,format=raw,file=$dir/nvme.raw"
		-netdev "hubport,id=net0,hubid=0"
		-netdev "hubport,id=net1,hubid=0"
		-netdev "hubport,id=net2,hubid=0"
	)
	if [ -n "$drivers" ]; then
		machine_build_drivers "$dir"
		devices+=$machine_drivers
		! qemu-system-x86_64 -device help 2>&1 | grep -q '^name "igb"' ||
			devices+=$machine_igb
	fi
	: > "$dir/share/machine.env"
	: > "$dir/share/devices"
	while read -r name id dev; do
		[ -n "$name" ] || continue
		bdf=$(printf '0000:%02x:00.0' $((bus + 1)))
		# No hotplug: a port without it accepts injected AER errors.
		machine_args+=(
			-device "pcie-root-port,id=rp$((bus + 1)),bus=pcie.0,addr=0x$(printf %x $((16 + bus))).0,chassis=$((bus + 1)),slot=$((bus + 1)),hotplug=off"
			-device "$dev,bus=rp$((bus + 1)),id=$(tr 'A-Z_' 'a-z-' <<< "${name#VM_}")"
		)
		echo "$name=$bdf" >> "$dir/share/machine.env"
		echo "$bdf $id" >> "$dir/share/devices"
		bus=$((bus + 1))
	done <<< "$devices"
	[ -z "$drivers" ] || machine_plug_drivers
}
