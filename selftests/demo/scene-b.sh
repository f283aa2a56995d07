#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scene-b.sh - the daemon has loaded default.policy: the same write is dropped.

. "$(dirname "$0")/scene-lib.sh"

say "The same host with the patched module and the daemon."
prepare
start_guard
boot_guest

same_write_dropped
check "the guest powers itself off" stop_nested
step_end
done_testing
