#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 13-kernel-map.sh - a million broken config spaces through the kernel's own code and
# ours, for each series of kernels (see ../layouts/README.md).
#
#	SEED=N		repeats a run; the seed is printed
#	SPACES=N	how many for each series (1000000)
#
# Ends with "N passed, N failed".

set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
seed=${SEED:-$((RANDOM * 32768 + RANDOM))}
spaces=${SPACES:-1000000}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck source=selftests/long/lib/count.sh
. "$top/selftests/long/lib/count.sh"

echo "SEED=$seed SPACES=$spaces"
"$top/selftests/layouts/kernel-map.sh" --fetch "$seed" "$spaces" | tee "$log"
count "kernel-map.sh" "$log"
grep -q '^1\.\.' "$log"
result $? "it ran to its end"
finish
