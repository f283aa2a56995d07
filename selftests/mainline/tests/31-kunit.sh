#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 31-kunit.sh - the KUnit suite of the series, which runs when the module is
# loaded (runs in the VM).

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/mainline/ktap.sh
. "$VM_SRC/selftests/mainline/ktap.sh"

results=/sys/kernel/debug/kunit/vfio_pci_config_filter/results
# Off in kernels that are not made for testing.
check "KUnit is switched on" modprobe kunit enable=1 autorun=1
check "the module loads" load_patched
check "the suite ran" test -r "$results"
cat "$results" > /run/vm/kunit
# The suite's own results are what is indented once.
sed -n 's/^    \([^ ]\)/\1/p' /run/vm/kunit > /run/vm/kunit.ktap
ktap kunit /run/vm/kunit.ktap
like "$(tail -n 1 /run/vm/kunit)" '^ok 1 vfio_pci_config_filter$' "the suite as a whole"
is "$(param block_pci_unassigned_write)$(param block_pci_unassigned_read)[$(param uaccess_allow_ids)]" \
	"NN[]" "it leaves the parameters as they were"
unload_vfio
done_testing
