#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 20-config-fuzz.sh - more than 100,000 random accesses to config space, the stock
# module beside ours, and as many in stock mode (see ../vm/config-fuzz.sh).
#
#	SEED=N	repeats a run; the seed is printed
#	COUNT=N	accesses to each device in each phase, of which there are 32
#	MODE=M	hook or stock: only this one
#
# Ends with "N passed, N failed".

set -uo pipefail

vm=$(cd "$(dirname "$0")/../vm" && pwd)
count=${COUNT:-3200}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
seed=${SEED:-$((RANDOM * 32768 + RANDOM))}
ended=0

for mode in ${MODE:-hook stock}; do
	name=20-config-fuzz
	[ "$mode" = hook ] || name+=+$mode
	echo "## $name"
	VM_TEST_MODE=$mode "$vm/config-fuzz.sh" "$name" "$count" "$seed" 2>&1 | tee -a "$log"
	[ "${PIPESTATUS[0]}" = 0 ] || ended=1
done
passed=$(grep -c '^ok ' "$log")
failed=$(grep -c '^not ok ' "$log")
if [ "$ended" != 0 ] && [ "$failed" = 0 ]; then
	failed=1
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
