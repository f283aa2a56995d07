#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# judge.sh - compare what a VM declared with the bus trace; TAP on stdout.
#
# Usage: judge.sh DIR		(a run's directory: see run.sh)
#
# Prints one test line for each expect_bus of the run, then the plan for the
# script's own lines and these together. Exit status: 0 all met, 1 some not met,
# 2 the trace cannot be judged (marks missing or out of order).

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
dir=$1
marker=$(sed -n 's/^VM_MARKER=[0-9a-f]*://p' "$dir/share/machine.env")
# Numbers go on after the script's own lines, even if it never got to its end.
said=$(grep -cE '^(not )?ok [0-9]' "$dir/out.log" 2>/dev/null) || true

exec awk -v marker="$marker" -v tests="${said:-0}" -f "$here/judge.awk" "$dir/status" "$dir/trace.log"
