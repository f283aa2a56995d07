#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# splats.sh - look for complaints of a VM's kernel about itself.
#
# Usage: splats.sh DIR		(a run's directory: see run.sh)
#
# Prints them as TAP comments; exit status 1 if there are any. What comes after the
# last word of a shutdown is not of the test: the way sysrq ends a machine sleeps where
# PREEMPT_RT may not, and that kernel complains about itself.

set -uo pipefail

# The second line is WARN() of kernels since 6.18, the third what lockdep and RCU
# say.
pattern='BUG: |Oops: |WARNING: CPU: '
pattern+='|WARNING: (.* )?at .*, CPU#'
pattern+='|WARNING: (possible|suspicious|inconsistent|bad|held lock|lock held|Nested lock|.* still has locks|.*-safe -> )'
pattern+='|INFO: trying to register non-static key|ODEBUG: '
pattern+='|general protection fault|kernel BUG at |INFO: task .* blocked|rcu: INFO: .*stall'
pattern+='|UBSAN: |KASAN: |refcount_t: |unreferenced object|Unable to handle kernel'

# The rest of the kernel has data races that are known or harmless; those in what
# the series adds, or in the function that calls it, are ours.
races='KCSAN: .*(vfio_pci_(filter|config|bpf|ops|policy|audit|allow|block)|vfio_config_do_rw)'

alive=$(sed '/reboot: Power down/q' "$1/console.log" | tr -d '\0')
splats=$(
	grep -aE "$pattern" <<< "$alive" | grep -av 'KCSAN: '
	grep -aE "$races" <<< "$alive"
)
if [ -n "$splats" ]; then
	head -n 20 <<< "$splats" | sed 's/^/# kernel: /'
	exit 1
fi
