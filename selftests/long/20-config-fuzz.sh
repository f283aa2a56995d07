#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 20-config-fuzz.sh - more than 100,000 random accesses to config space, the stock
# module beside ours (see ../vm/config-fuzz.sh).
#
#	SEED=N	repeats a run; the seed is printed
#	COUNT=N	accesses to each device in each phase, of which there are 32
#
# Ends with "N passed, N failed".

set -uo pipefail

vm=$(cd "$(dirname "$0")/../vm" && pwd)
count=${COUNT:-3200}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
seed=${SEED:-$((RANDOM * 32768 + RANDOM))}

"$vm/config-fuzz.sh" 20-config-fuzz "$count" "$seed" 2>&1 | tee "$log"
rc=${PIPESTATUS[0]}
passed=$(grep -c '^ok ' "$log")
failed=$(grep -c '^not ok ' "$log")
if [ "$rc" != 0 ] && [ "$failed" = 0 ]; then
	failed=1
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
