#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# splats.sh - look for complaints of a VM's kernel about itself.
#
# Usage: splats.sh DIR		(a run's directory: see run.sh)
#
# Prints them as TAP comments; exit status 1 if there are any.

set -uo pipefail

pattern='BUG: |Oops: |WARNING: CPU: |WARNING: (possible|suspicious|inconsistent|bad)'
pattern+='|general protection fault|kernel BUG at |INFO: task .* blocked|rcu: INFO: .*stall'
pattern+='|UBSAN: |KASAN: |KCSAN: |refcount_t: |unreferenced object|Unable to handle kernel'

if grep -aE "$pattern" "$1/console.log" | head -n 20 | sed 's/^/# kernel: /' | grep .; then
	exit 1
fi
