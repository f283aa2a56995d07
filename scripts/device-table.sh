#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/device-table.sh [--check]: makes docs/devices.md from policies/devices,
# or says whether the file there is what it would make.

. "$(dirname "$0")/common.sh"

cd "$TOP"
new=$(mktemp)
trap 'rm -f "$new"' EXIT
# In one order, whatever the locale.
LC_ALL=C awk -f scripts/device-entries.awk policies/devices/*.policy |
	LC_ALL=C awk -f scripts/device-table.awk >"$new"
if [ "${1:-}" != --check ]; then
	install -m 644 "$new" docs/devices.md
elif ! cmp -s "$new" docs/devices.md; then
	diff -u docs/devices.md "$new" | head -n 20 >&2 || true
	die "docs/devices.md is stale: run make device-table"
fi
