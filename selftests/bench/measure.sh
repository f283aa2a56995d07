#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# measure.sh - the cost of config accesses under each kind of filter (in the VM).
#
# Prints "KEY READ WRITE" lines, in instructions for an access; bench.sh makes
# the table of them and says what each key is.  The stock module comes first, in
# the same boot: what else the kernel does is the same for both.

# shellcheck source=selftests/bench/measure-lib.sh
. "$VM_SRC/selftests/bench/measure-lib.sh"
: "${patched_core:?}"

# Where the e1000e has what; the virtio device has a vendor capability at 0x84.
free=80 header=3c cap=a4 ext_cap=104 vendor=88

# whole KEY: one read of all of config space
whole()
{
	echo "$1 $(ask "r 0 4096") -"
}

# rows PREFIX: what is measured without a filter and with a policy
rows()
{
	row "$1-header" $header
	row "$1-cap" $cap
	row "$1-ext-cap" $ext_cap
	row_of "$VM_VIRTIO" "$1-vendor" $vendor
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

# Rules for other devices, as most hosts have them; then maps that nobody can edit
# any more, as lock leaves them.
load rules "${open[@]}" "block w 10de:1234 0x88" "block rw class=03 cap=vpd"
row bpf-rules-rested $free rested
load frozen "${open[@]}" "block w 10de:1234 0x88" "block rw class=03 cap=vpd"
for map in allowlist config scope_kinds scopes rules; do
	bpftool map freeze pinned /sys/fs/bpf/vfioguard/$map || die "$map can't be frozen"
done
row bpf-frozen-rested $free rested

guard -q unload || die "the policy can't be unloaded"
row detached $free
stop
