# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# guest-lib.sh - everything a script in the VM needs.
#
# Usage, at the top of the script:	. "$VM_SRC/selftests/vm/guest-lib.sh"
#
# The parts say at their top what they offer:
#	lib/tap.sh	ok, not_ok, is, like, skip, diag, done_testing
#	lib/bus.sh	step_begin, step_end, mark, expect_bus
#	lib/vfio.sh	load_vfio, unload_vfio, bind_vfio, unbind_vfio, vfio_cfg
#	lib/audit.sh	start_auditd, audit_sync, stop_auditd
#	lib/nested.sh	start_nested, nested, stop_nested
#	lib/guard.sh	load_patched, param, guard, start_daemon, counted, ...

for part in tap bus vfio audit nested guard; do
	# shellcheck source=/dev/null
	. "$VM_SRC/selftests/vm/lib/$part.sh"
done
unset part
