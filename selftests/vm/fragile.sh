#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# fragile.sh - play a fragile device: a write to a forbidden register is fatal.
#
# Usage: fragile.sh [--mode mce|aer] DIR SPEC		(run.sh starts it)
#
# SPEC is NAME:OFFSET or NAME@BUS:DEV.FN:OFFSET, as in the trace, for instance
# e1000e:0x80 or e1000e@01:00.0:0x80. A write that starts anywhere in that dword
# counts, because the trace does not tell the width of an access.
#
#	mce	a fatal machine check: what a host sees when the platform gives up
#		on a transaction. For the first processor, and if the VM lives on
#		also for the second: QEMU hands one that comes while a nested
#		guest runs on the processor to that guest.
#	aer	a Completion Timeout at the root port of the device
#
# QEMU writes the trace line by line and tail follows it by inotify, so the
# answer comes within milliseconds of the write. Ends after the first.

set -euo pipefail

mode=mce
if [ "$1" = --mode ]; then
	mode=$2
	shift 2
fi
dir=$1
spec=$2

name=${spec%%[@:]*}
offset=$((${spec##*:} & ~3))
bdf='[0-9a-f:.]+'
case $spec in
*@*)
	bdf=${spec#*@}
	bdf=${bdf%:*}
	bdf=${bdf/./\\.}
	;;
esac
regs=$(printf '0x%x|0x%x|0x%x|0x%x' "$offset" $((offset + 1)) $((offset + 2)) $((offset + 3)))

# Not $(...): that would wait for tail too, which only notices that grep has left
# when it has another line to write. It goes when run.sh does.
read -r line < <(tail -n +1 -s 0.02 -f --pid "$PPID" "$dir/trace.log" |
	grep -m 1 -E "pci_cfg_write $name $bdf @($regs) <-") || exit 0

send()
{
	# Opened for reading too, so that a QEMU that has gone does not block us.
	echo "$1" 1<> "$dir/mon.in"
	echo "sent: $1"
}

dead()
{
	local i

	for ((i = 0; i < 30; i++)); do
		grep -q 'Kernel panic - not syncing' "$dir/console.log" && return
		sleep 0.1
	done
	return 1
}

echo "$line"
bus=$((16#$(sed -E 's/.*pci_cfg_write [^ ]+ ([0-9a-f]+):.*/\1/' <<< "$line")))
case $mode in
mce)
	send "mce 0 4 0xbe00000000000e0b 0x5 0 0"
	dead || send "mce 1 4 0xbe00000000000e0b 0x5 0 0"
	;;
aer)
	send "pcie_aer_inject_error rp$bus COMP_TIME"
	;;
*)
	echo "fragile.sh: unknown mode $mode" >&2
	exit 99
	;;
esac
