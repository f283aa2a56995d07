# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lib/bus.sh - steps, marks and what the bus trace outside the VM must show.
#
# Sourced (through guest-lib.sh) by scripts in the VM. The VM only declares what
# must be found; judge.sh looks in the trace after the VM has ended, so a broken
# kernel in the VM cannot vouch for itself.
#
#	step_begin "guest attacks"
#	nested setpci -s 00:03.0 80.l=cafef00d
#	step_end
#	expect_bus none write "$VM_E1000E" 0x80
#
# expect_bus HOW OP BDF WHERE [VALUE]
#	HOW	none | some | exactly N
#	OP	read | write | any
#	WHERE	0x80 (the offset at which an access starts), 0x80-0x83, or any
#	VALUE	0xcafef00d: count only accesses with this data
# speaks of the step that is open, or else of the last one. A step that is never
# ended (the kernel died in it) lasts to the end of the trace.
#
# A mark is a write of a counter (modulo 256) to the interrupt line register of
# a device that is there for nothing else. The counter is kept in a file, so
# marks can be set from subshells too.
#
#	bus_marks_by_vfio	before the first step: from here on marks are written
#				through vfio, as lockdown closes sysfs to root. They go
#				to the cache line size, the register that vfio passes on.

bus_marks_by_vfio()
{
	bind_vfio "$VM_MARKER" || return
	mkfifo /run/vm/marks.in /run/vm/marks.out
	# Lives until the VM ends: closing it would restore the register.
	vfio_cfg "$VM_MARKER" < /run/vm/marks.in > /run/vm/marks.out 9>&- &
	exec {bus_marks_in}> /run/vm/marks.in {bus_marks_out}< /run/vm/marks.out
	bus_status "marks 0xc"
	bus_sync
}

bus_marker_write()
{
	local answer

	if [ -n "${bus_marks_in:-}" ]; then
		printf 'w c 1 %02x\n' "$1" >&"$bus_marks_in"
		read -r -t 30 -u "$bus_marks_out" answer && [ "$answer" = 1 ]
		return
	fi
	# shellcheck disable=SC2059 # the byte is the format
	printf "\\x$(printf %02x "$1")" |
		dd of="/sys/bus/pci/devices/$VM_MARKER/config" bs=1 seek=60 \
			conv=notrunc status=none
}

bus_status()
{
	printf '%s\n' "$*" >&"$VM_STATUS_FD"
}

# The start of the counting: firmware may have written the register before.
bus_sync()
{
	bus_marker_write 165
	bus_marker_write 90
	echo 0 > /run/vm/mark
	echo 0 > /run/vm/step
}

mark()
{
	local n

	read -r n < /run/vm/mark
	n=$((n + 1))
	echo "$n" > /run/vm/mark
	bus_marker_write $((n % 256))
}

step_begin()
{
	local step n

	read -r step < /run/vm/step
	step=$((step + 1))
	echo "$step" > /run/vm/step
	read -r n < /run/vm/mark
	# Told before the mark is set, so that no mark is unaccounted for.
	bus_status "begin $step $((n + 1)) $*"
	echo "# step $step: $*"
	mark
}

step_end()
{
	local step n

	mark
	read -r step < /run/vm/step
	read -r n < /run/vm/mark
	bus_status "end $step $n"
}

expect_bus()
{
	local how=$1 count=- step

	shift
	if [ "$how" = exactly ]; then
		count=$1
		shift
	fi
	case $how:$1:$3 in
	none:*:?* | some:*:?* | exactly:*:?*) ;;
	*)
		echo "expect_bus: bad expectation: $how $*" >&2
		bus_status "expect 0 bad - - - - -"
		return 1
		;;
	esac
	read -r step < /run/vm/step
	bus_status "expect $step $how $count $1 ${2#*:} $3 ${4:--}"
}
