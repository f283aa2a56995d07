# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# measure-lib.sh - what measures accesses in the VM.
#
#	start, stop	begin and end measuring $dev, the e1000e
#	row KEY OFFSET [each|rested]	print "KEY READ WRITE" of it
#	row_of BDF KEY OFFSET		the same for another device
#	load NAME LINE...	put a policy of these lines in force

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
policy_file=''

cost=$VM_SRC/build/bench/access-cost
dev=$VM_E1000E

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

start()
{
	bind_vfio "$dev" "$VM_VIRTIO" || die "the devices can't be bound"
	coproc COST { exec "$cost" "$dev"; }
	# Copies, because bash hides a coprocess's own descriptors from $(...).
	exec {cost_in}>&"${COST[1]}" {cost_out}<&"${COST[0]}"
	eval "exec ${COST[1]}>&- ${COST[0]}<&-"
}

stop()
{
	exec {cost_in}>&- {cost_out}<&-
	wait
	unbind_vfio "$dev" "$VM_VIRTIO"
	unload_vfio || die "the modules can't be unloaded"
}

# ask LINE: one figure of access-cost
ask()
{
	local answer

	echo "$1" >&"$cost_in"
	read -r -t 60 -u "$cost_out" answer || die "no answer to '$1'"
	echo "$answer"
}

# row KEY OFFSET [each|rested]
row()
{
	echo "$1 $(ask "r $2 4 ${3:-}") $(ask "w $2 4 ${3:-}")"
}

row_of()
{
	local figures

	mapfile -t figures < <(printf '%s\n' "r $3 4" "w $3 4" | "$cost" "$1")
	[ "${#figures[@]}" = 2 ] || die "no answer from $1"
	echo "$2 ${figures[*]}"
}

load()
{
	policy "$@"
	guard -q load "$policy_file" || die "$1 can't be loaded"
}
