#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# measure.sh - the cost of config accesses under each kind of filter (in the VM).
#
# Prints "KEY READ WRITE" lines, in instructions for an access; bench.sh makes
# the table of them and says what each key is.  The stock module comes first, in
# the same boot: what else the kernel does is the same for both.

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${patched_core:?}"
policy_file=''

cost=$VM_SRC/build/bench/access-cost
dev=$VM_E1000E

# Where the e1000e has what; the virtio device has a vendor capability at 0x84.
free=80 header=3c cap=a4 ext_cap=104 vendor=88

die()
{
	echo "measure.sh: $*" >&2
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

# whole KEY: one read of all of config space
whole()
{
	echo "$1 $(ask "r 0 4096") -"
}

# vendor KEY: the vendor capability of the virtio device
vendor()
{
	local figures

	mapfile -t figures < <(printf '%s\n' "r $vendor 4" "w $vendor 4" |
		"$cost" "$VM_VIRTIO")
	[ "${#figures[@]}" = 2 ] || die "no answer from the virtio device"
	echo "$1 ${figures[*]}"
}

# rows PREFIX: what is measured without a filter and with a policy
rows()
{
	row "$1-header" $header
	row "$1-cap" $cap
	row "$1-ext-cap" $ext_cap
	vendor "$1-vendor"
	whole "$1-whole"
}

# ids N: that many, none of them the device's
ids()
{
	seq "$1" | awk '{ printf("%s8087:%04x", (NR > 1 ? "," : ""), $1) }'
}

native()
{
	param block_pci_unassigned_write "$1"
	param block_pci_unassigned_read "$1"
}

load()
{
	policy "$@"
	guard -q load "$policy_file" || die "$1 can't be loaded"
}

# --- Stock ---------------------------------------------------------------------

load_vfio || die "no stock modules"
start
row stock $free
row stock-rested $free rested
rows stock
stop

# --- Patched, native filter; sysfs passes a page on at most --------------------

load_patched block_pci_unassigned_write=1 block_pci_unassigned_read=1 \
	uaccess_allow_ids="$(ids 10000)" || die "no patched module"
start
row native-10000 $free
param uaccess_allow_ids "$(ids 100)"
row native-100 $free
row native-header $header
whole native-whole
param uaccess_allow_ids "$(ids 100),8086:10d3"
row native-allowed $free
stop

# --- Patched, nothing on, then policies ------------------------------------------

load_patched || die "no patched module"
start
row off $free
rows off
native 1
row native-0 $free
native 0

# What default.policy says, with both directions of unassigned space allowed.
open=("mode enforce" "default allow rw unassigned" "default allow rw vendor"
	"default allow rw other")
load allow-default "${open[@]}"
row bpf-default $free
row bpf-rested $free rested
rows bpf

shut=("mode enforce" "default block rw unassigned audit"
	"default allow rw vendor" "default allow rw other")
load allow-entry "${shut[@]}" "allow rw 8086:10d3"
row bpf-entry $free
load allow-audit "${shut[@]}" "allow rw 8086:10d3 audit"
row bpf-audit $free

# First hits need registers that nobody accessed before.  The program looks for
# how long the daemon has been silent, so let that be too long in each boot; when
# idle, virtual time costs nothing.
load block "${shut[@]}"
sleep 16
row bpf-first 200 each
row bpf-blocked $free
whole bpf-blocked-whole

native 1
row bpf-native $free
native 0

guard -q unload || die "the policy can't be unloaded"
row detached $free
stop
