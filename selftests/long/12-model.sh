#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 12-model.sh - the BPF program in user space against evaluator and explain, from
# many seeds, and whether mistakes are noticed (see ../model/README.md).
#
#	SEED=N		repeats a run; the first seed is printed
#	SEEDS=N		how many, one after the other in number (20)
#	POLICIES=N	under each of them (3000), 400 accesses to each policy
#
# Ends with "N passed, N failed".

set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
seed=${SEED:-$((RANDOM * 32768 + RANDOM))}
seeds=${SEEDS:-20}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

make -s V=1 -C "$top" build/model/model || exit 1
echo "SEED=$seed SEEDS=$seeds POLICIES=${POLICIES:-3000}"
seq "$seed" $((seed + seeds - 1)) |
	xargs -P "$(nproc)" -I@ "$top/build/model/model" @ "${POLICIES:-3000}" > "$log" 2>&1
grep -v '^ok \|^1\.\.' "$log"
passed=$(grep -c '^ok ' "$log")
failed=$((seeds - passed))

SEED='' POLICIES='' "$top/selftests/model/mutants.sh" 2>&1 | tee "$log"
passed=$((passed + $(grep -c '^ok ' "$log")))
missed=$(grep -c '^not ok ' "$log")
grep -q '^1\.\.' "$log" || missed=$((missed + 1))
failed=$((failed + missed))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
