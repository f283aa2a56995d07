# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lib/vfio.sh - VFIO modules and devices in the VM.
#
#	load_vfio [--core PATH] [PARAM=VALUE...]
#		load vfio-pci; with --core, this vfio-pci-core.ko instead of the
#		stock one. PARAMs are given to vfio-pci-core. A kernel of
#		scripts/kernel.sh has the stock one beside its own.
#	unload_vfio
#	bind_vfio BDF...	give devices to vfio-pci
#	unbind_vfio BDF...
#	vfio_cfg BDF COMMAND...	run vfio-cfg (see vfio-cfg.c) on a bound device
#	vfio_start BDF		vfio-cfg as a coprocess that holds the device open:
#	vfio_do COMMAND		sends one command, prints its answer
#	vfio_stop
#	vfio_hammer COMMAND	starts to repeat the access "r ..." or "w ..."
#	vfio_pace MS COMMAND	the same with a pause of MS milliseconds between
#	vfio_rest		ends that; prints "SIZE COUNT", or how it failed

stock_core=/lib/modules/$VM_KVER/vfio-pci-core.ko.stock
[ -e "$stock_core" ] || stock_core=

load_vfio()
{
	local core=$stock_core

	if [ "${1:-}" = --core ]; then
		core=$2
		shift 2
	fi
	# In this order, because modprobe vfio-pci would pull in the stock core.
	modprobe -a vfio vfio_iommu_type1 irqbypass ${stock_core:+kunit} || return
	if [ -n "$core" ]; then
		insmod "$core" "$@" || return
	else
		modprobe vfio-pci-core "$@" || return
	fi
	modprobe vfio-pci
}

unload_vfio()
{
	rmmod vfio_pci vfio_pci_core
}

bind_vfio()
{
	local bdf dev

	for bdf; do
		dev=/sys/bus/pci/devices/$bdf
		echo vfio-pci > "$dev/driver_override"
		[ ! -e "$dev/driver" ] || echo "$bdf" > "$dev/driver/unbind"
		echo "$bdf" > /sys/bus/pci/drivers_probe
		[ "$(basename "$(readlink "$dev/driver")")" = vfio-pci ] || {
			echo "bind_vfio: $bdf is not bound to vfio-pci" >&2
			return 1
		}
	done
}

unbind_vfio()
{
	local bdf

	for bdf; do
		echo "$bdf" > "/sys/bus/pci/devices/$bdf/driver/unbind" || return
		echo > "/sys/bus/pci/devices/$bdf/driver_override"
	done
}

vfio_cfg()
{
	"$VM_SRC/build/vm/bin/vfio-cfg" "$@"
}

vfio_start()
{
	coproc VFIO { exec "$VM_SRC/build/vm/bin/vfio-cfg" "$1" 2>&1; }
	# shellcheck disable=SC2153 # set by coproc
	vfio_pid=$VFIO_PID
	# Copies, because bash hides a coprocess's own descriptors from $(...).
	exec {vfio_in}>&"${VFIO[1]}" {vfio_out}<&"${VFIO[0]}"
	eval "exec ${VFIO[1]}>&- ${VFIO[0]}<&-"
	# The first answer shows that the device is open.
	[[ $(vfio_do "r 0 2") == "2 "* ]]
}

vfio_do()
{
	local answer

	printf '%s\n' "$1" >&"$vfio_in" || return
	read -r -t 30 -u "$vfio_out" answer || return
	echo "$answer"
}

vfio_stop()
{
	exec {vfio_in}>&- {vfio_out}<&-
	wait "$vfio_pid"
}

vfio_hammer()
{
	printf 'hammer %s\n' "$1" >&"$vfio_in"
}

vfio_pace()
{
	printf 'pace %s\n' "$*" >&"$vfio_in"
}

vfio_rest()
{
	vfio_do ""
}
