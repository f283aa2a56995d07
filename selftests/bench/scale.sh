#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scale.sh - what 100,000 rules cost, beside sort(1), a raw update and ten rules.
#
# Usage: scale.sh	(make bench-scale builds what it needs first)
#
# The table goes to docs/benchmarks.md, section "scale", and to the terminal.  A
# target that is missed is marked, it does not fail.
#
# Exit status: 0 the table was written, 1 it was not.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
out=$top/build/bench/scale

# shellcheck source=selftests/bench/doc-lib.sh
. "$here/doc-lib.sh"

# KEY|BESIDE|TARGET|TEXT: a figure, what it is a multiple of, and at most what
# multiple it may be.  Keys are those of measure-scale.sh; A+B is meant.
table()
{
	cat <<-'END'
	check-devices|sort-devices|2|`check`, rules for devices; beside `sort` of the file
	check-registers|sort-registers|2|`check`, rules for registers; beside `sort`
	check-both|sort-both|2|`check`, half of each; beside `sort`
	load-devices|raw-list|3|`load`, rules for devices; beside a raw batch of as many entries
	load-registers|raw-rules+raw-scopes|3|`load`, rules for registers; beside a raw batch of as many entries
	load-few|raw-list||`load`, ten rules; beside the batch for 100,000 devices
	many-entry|ten-entry|1.02|access to a device with an entry; beside ten rules
	many-register|ten-register|1.02|access to a register with a rule; beside ten rules
	many-far|ten-far|1.02|access to another register of that device; beside ten rules
	END
}

render()
{
	table | awk -F'|' -v figures="$1" '
		function value(expression, n, i, terms, sum) {
			sum = 0
			n = split(expression, terms, "+")
			for (i = 1; i <= n; i++) {
				if (!(terms[i] in cost)) {
					print "no figure " terms[i] > "/dev/stderr"
					bad = 1
				}
				sum += cost[terms[i]]
			}
			return sum
		}
		function show(n) { return n < 100000 ? n : sprintf("%.0f M", n / 1e6) }
		BEGIN {
			while ((getline line < figures) > 0) {
				split(line, f, " ")
				cost[f[1]] = f[2]
				kib[f[1]] = f[3]
			}
			print "| | instructions | beside | times | target | |"
			print "|---|--:|--:|--:|--:|---|"
		}
		{
			ours = value($1)
			base = value($2)
			printf("| %s | %s | %s | %.2f | %s | %s |\n", $4, show(ours),
			       show(base), ours / base, $3,
			       $3 == "" ? "" : ours <= base * $3 ? "met" : "**missed**")
		}
		END {
			for (k in kib)
				if (k ~ /^(check|load)-/ && kib[k] > most)
					most = kib[k]
			printf("| most memory, resident | %.0f MiB | | | 200 MiB | %s |\n",
			       most / 1024, most < 200 * 1024 ? "met" : "**missed**")
			exit bad
		}'
}

check_section scale
mkdir -p "$out"
for tool in access-cost run-cost; do
	lib=$here/../vm/vfio-open.c
	[ "$tool" = access-cost ] || lib=$top/build/tools/libbpf/libbpf.a
	"${CC:-cc}" -std=gnu11 -O2 -fno-lto -Wall -Wextra -Werror \
		-I"$top/build/tools/libbpf/include" \
		-I"$top/build/tools/uapi" -o "$top/build/bench/$tool" "$here/$tool.c" "$lib" -lelf -lz
done

echo "booting once, this takes a minute"
"$here/../vm/run.sh" --icount --no-judge --timeout 1200 --mem 2048 --name scale \
	--out "$out" -- "$here/measure-scale.sh" > "$out.log" 2>&1 || {
	tail -n 20 "$out.log" >&2
	die "it failed, see $out.log"
}
grep -E '^[a-z]+-[a-z]+ [0-9]+ [0-9]+$' "$out/out.log" > "$out/figures"
render "$out/figures" > "$out/table"
{
	cat <<-END
	Made by \`make bench-scale\`, which runs this:

	    selftests/vm/run.sh --icount --no-judge --mem 2048 -- selftests/bench/measure-scale.sh

	END
	cat "$out/table"
} > "$out/section"
put_section scale "$out/section"
cat "$out/table"
echo "written to ${doc#"$top"/}; targets missed: $(grep -c '\*\*missed\*\*' "$out/table" || true)"
