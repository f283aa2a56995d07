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

machine_args=()

# machine_build DIR: fill machine_args, write machine.env and devices to DIR/share.
machine_build()
{
	local dir=$1 bus=0 name id dev bdf

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
	done <<< "$machine_devices"
}
