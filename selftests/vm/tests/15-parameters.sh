#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 15-parameters.sh - the list of ids belongs to its parameter: it can be read
# until the parameter is gone, and goes with it (runs in the VM).
#
# Freed memory is poisoned here, so that a reader who came too late would fall
# over it.
#
# vm-args: --timeout 400 --append slub_debug=P

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${patched_core:?}"

list=8086:10d3,1b36:0010
parameter=/sys/module/vfio_pci_core/parameters/uaccess_allow_ids

modprobe -a vfio irqbypass

# --- A reader while the module comes and goes ---------------------------------

# Nobody's descriptor is enough: the file is open to all.
"$VM_SRC/build/vm/bin/param-reader" "$parameter" "$list" "" > /run/vm/reader 2>&1 9>&- &
reader=$!
for ((round = 0; round < 60; round++)); do
	insmod "$patched_core" uaccess_allow_ids=$list || break
	rmmod vfio_pci_core || break
	kill -0 "$reader" 2> /dev/null || break
done
is "$round" 60 "the module came and went, and the reader stayed"
kill "$reader" 2> /dev/null
wait "$reader" 2> /dev/null
like "$(< /run/vm/reader)" '^[0-9]{3,} 0$' "it never read anything but the list"

# --- Loads that fail ------------------------------------------------------------

long=$(awk 'BEGIN { for (i = 0; i < 9000; i++) printf "%s8086:%04x", i ? "," : "", i }')

# A list of this length is in pages of its own.
areas()
{
	grep -c vmalloc /proc/vmallocinfo
}

# fails NAME PARAM...: twenty loads that fail leave no memory behind
fails()
{
	local name=$1 i before loaded=0

	shift
	before=$(areas)
	for ((i = 0; i < 20; i++)); do
		insmod "$patched_core" "$@" 2> /dev/null && loaded=1
	done
	is "$loaded" 0 "$name: the module does not load"
	# Freeing is put off until later.
	for ((i = 0; i < 100 && $(areas) - before >= 10; i++)); do
		sleep 0.1
	done
	check "$name: nothing is left of the list" test $(($(areas) - before)) -lt 10
}
fails "another parameter is bad" uaccess_allow_ids="$long" block_pci_unassigned_write=maybe
fails "the list is given twice" uaccess_allow_ids="$long" uaccess_allow_ids="$long,"
fails "the list is bad at its end" uaccess_allow_ids="$long,8086"
check "the last list is taken" insmod "$patched_core" uaccess_allow_ids="$long" uaccess_allow_ids=$list
is "$(param uaccess_allow_ids)" "$list" "if it is given twice"
check "the module goes" rmmod vfio_pci_core
done_testing
