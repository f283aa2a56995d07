#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# splats.sh - look for complaints of a VM's kernel about itself.
#
# Usage: splats.sh DIR		(a run's directory: see run.sh)
#
# Prints them as TAP comments; exit status 1 if there are any.

set -uo pipefail

# The second line is WARN() of kernels since 6.18, the third what lockdep and RCU
# say.
pattern='BUG: |Oops: |WARNING: CPU: '
pattern+='|WARNING: (.* )?at .*, CPU#'
pattern+='|WARNING: (possible|suspicious|inconsistent|bad|held lock|lock held|Nested lock|.* still has locks|.*-safe -> )'
pattern+='|INFO: trying to register non-static key|ODEBUG: '
pattern+='|general protection fault|kernel BUG at |INFO: task .* blocked|rcu: INFO: .*stall'
pattern+='|UBSAN: |KASAN: |KCSAN: |refcount_t: |unreferenced object|Unable to handle kernel'

if grep -aE "$pattern" "$1/console.log" | head -n 20 | sed 's/^/# kernel: /' | grep .; then
	exit 1
fi
