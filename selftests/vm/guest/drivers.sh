# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# guest/drivers.sh - in the nested guest: what the Nth device became.
#
#	at N		its address
#	disk N		/dev/NAME of its disk
#	nic N		the folder of its network interface
#	unbind N, bind N	takes its driver off, lets one probe it
#	wait_for COMMAND...	until it prints something, at most 20 seconds

at()
{
	printf '0000:00:%02x.0' $((2 + $1))
}

disk()
{
	local disk

	for disk in /sys/block/*; do
		case $(readlink "$disk") in
		*/"$(at "$1")"/*) echo "/dev/${disk##*/}" ;;
		esac
	done
}

nic()
{
	local dev nic

	dev=/sys/bus/pci/devices/$(at "$1")
	for nic in "$dev"/net/* "$dev"/virtio*/net/*; do
		[ ! -e "$nic/carrier" ] || echo "$nic"
	done
}

unbind()
{
	at "$1" > "/sys/bus/pci/devices/$(at "$1")/driver/unbind"
}

bind()
{
	at "$1" > /sys/bus/pci/drivers_probe
	[ -e "/sys/bus/pci/devices/$(at "$1")/driver" ]
}

wait_for()
{
	local i=0

	while [ $((i += 1)) -lt 100 ]; do
		[ -z "$("$@")" ] || return 0
		sleep 0.2
	done
	echo "not within 20 seconds: $*"
	return 1
}
