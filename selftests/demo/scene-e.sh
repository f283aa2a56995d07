#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scene-e.sh - the stock kernel again, with nothing patched: the policy holds there, too.

. "$(dirname "$0")/scene-lib.sh"

say "The stock kernel with its own modules, and the daemon."
check "the stock VFIO modules load" load_vfio
check "the device is given to vfio-pci" bind_vfio "$VM_E1000E"
start_guard
boot_guest

same_write_dropped
like "$(vfioguard status --json)" '"door": "stock"' "by the programs of the stock kernel"
check "the guest powers itself off" stop_nested
step_end
done_testing
