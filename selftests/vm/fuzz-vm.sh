#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# fuzz-vm.sh - the VM's half of config-fuzz.sh (runs in the VM).
#
# Usage: fuzz-vm.sh stock|guarded SEED COUNT [SKIPS]
#
# Makes COUNT random accesses to each of four devices in each phase below. With
# "stock" the phases differ in nothing but their random numbers.
#
#	off	nothing is switched on
#	native	block_pci_unassigned_write; in stock mode, which has no parameters:
#	monitor	policies/monitor.policy
#	default	policies/default.policy
#	strict	policies/strict.policy
#
# Each phase finds in a device what the first one found: config space is written
# back before. For each phase and device it leaves in the run's share/: what is in
# config space before the phase (image), and what vfio-fuzz did and saw (log). The
# accesses are a step of the bus trace, named "PHASE DEVICE". Accesses that file
# SKIPS/PHASE.DEVICE names are not made (see vfio-fuzz.c).
#
# One dword is never written, 0x100 of a device without extended capabilities:
# the host's kernel looks there at each reset, and what it reads next would depend
# on what it found.

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

which=$1 seed=$2 count=$3 skips=${4:-}
devices="e1000e:$VM_E1000E nvme:$VM_NVME edu:$VM_EDU virtio:$VM_VIRTIO"

enter()
{
	[ "$which" = guarded ] || return 0
	case $1 in
	off) ;;
	native) param block_pci_unassigned_write 1 ;;
	default) { stock || param block_pci_unassigned_write 0; } && guard load "$VM_SRC/policies/default.policy" ;;
	*) guard load "$VM_SRC/policies/$1.policy" ;;
	esac
}

# fuzz PHASE NAME BDF SEED
fuzz()
{
	local file=$VM_SHARE/$1.$2 config=/sys/bus/pci/devices/$3/config first=/run/vm/$2.first
	local word size in out pid
	local -a keep=(none)

	size=$(stat -c %s "$config")
	if [ -e "$first" ]; then
		# Not the header, which the kernel restores by itself.
		dd if="$first" of="$config" bs=64 skip=1 seek=1 conv=notrunc status=none || return
	else
		cat "$config" > "$first"
	fi
	cat "$config" > "$file.image"
	[ "$size" = 256 ] || [ "$(setpci -s "$3" 100.l)" != 00000000 ] || keep=(256)
	[ -z "$skips" ] || keep+=("$skips/$1.$2")
	coproc FUZZ { exec "$VM_SRC/build/vm/bin/vfio-fuzz" "$3" "$4" "$count" "$size" "${keep[@]}" 2> "$file.log"; }
	# shellcheck disable=SC2153 # set by coproc
	pid=$FUZZ_PID
	exec {in}>&"${FUZZ[1]}" {out}<&"${FUZZ[0]}"
	eval "exec ${FUZZ[1]}>&- ${FUZZ[0]}<&-"
	read -r -t 60 -u "$out" word && [ "$word" = open ] || return
	step_begin "$1 $2"
	echo >&"$in"
	read -r -t 1000 -u "$out" word && [ "$word" = "done" ] || return
	step_end
	exec {in}>&- {out}<&-
	wait "$pid"
}

case $which in
stock) check "the stock modules load" load_vfio ;;
*) check "our modules load" load_patched ;;
esac
for d in $devices; do
	check "${d%%:*} is bound" bind_vfio "${d#*:}"
done
n=0
for phase in off "$(hook_or_stock native monitor)" default strict; do
	check "$phase" enter "$phase"
	for d in $devices; do
		n=$((n + 1))
		started=$SECONDS
		check "$phase: $count accesses to ${d%%:*}" fuzz "$phase" "${d%%:*}" "${d#*:}" $((seed * 100 + n))
		diag "$((SECONDS - started)) s"
	done
done
done_testing
