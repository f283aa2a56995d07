#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench.sh - what an access to config space costs, stock beside ours.
#
# Usage: bench.sh	(make bench builds what it needs first)
#
# SERIES=7.3 in the environment measures the small kernel of scripts/kernel.sh
# instead of Debian's 6.12.
#
# Boots each of two machines twice, side by side; the smaller figure counts, and a difference of more
# than $tolerance fails.  The table goes to docs/benchmarks.md, between its two
# markers of the series, and to the terminal.  A target that is missed is marked, it does not
# fail.  Logs stay in build/bench/.
#
# Exit status: 0 the table was written, 1 it was not.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
series=${SERIES:-6.12}
out=$top/build/bench
kernel=()
marker=bench
if [ "$series" != 6.12 ]; then
	out=$top/build/bench/$series
	marker=bench-$series
fi
tolerance=2

# shellcheck source=selftests/bench/doc-lib.sh
. "$here/doc-lib.sh"

# KEY|STOCK|TARGET|TEXT: a row of the table, from measure.sh's KEY and its key of
# the same access under the stock module.  TARGET: what the difference may be at
# most ("+3", or read and write apart), at most up or down ("=2"), or a factor ("x2").
table()
{
	cat <<-'END'
	-||| **4 bytes at 0x80, unassigned**
	off|stock|+3|nothing switched on
	native-0|stock|-100 -60|native, blocked, no id
	native-100|stock|-100 -60|native, blocked, 100 ids
	native-10000|stock|-100 -60|native, blocked, 10,000 ids
	native-allowed|stock||native, allowed, 101 ids
	bpf-default|stock|+330|policy, allowed by the default
	bpf-entry|stock|+330|policy, allowed by an entry
	bpf-audit|stock||policy, allowed by an entry with `audit`, repeated
	bpf-rested|stock-rested|+550|policy, allowed, first access in a timer tick
	bpf-rules-rested|stock-rested||the same, with rules for other devices
	bpf-frozen-rested|stock-rested||the same, with maps that nobody can edit (as of a locked policy)
	bpf-first|stock||policy, blocked, first hit of a register (0x200-0x3fc)
	bpf-blocked|stock|+180|policy, blocked, repeated
	bpf-native|stock|+180|the same, native blocking switched on as well
	detached|stock|+3|policy detached
	-||| **4 bytes, where the policy has no say**
	off-header|stock-header|+3|header (0x3c), nothing switched on
	native-header|stock-header|+30|header, native
	bpf-header|stock-header|+30|header, policy
	off-cap|stock-cap|+3|capability (MSI-X, 0xa4), nothing switched on
	bpf-cap|stock-cap|+30|capability, policy
	off-ext-cap|stock-ext-cap|+3|extended capability (AER, 0x104), nothing switched on
	bpf-ext-cap|stock-ext-cap|+30|extended capability, policy
	-||| **4 bytes in a vendor capability (virtio, 0x88)**
	off-vendor|stock-vendor|+3|nothing switched on
	bpf-vendor|stock-vendor||policy, allowed by the default
	-||| **4096 bytes in one read**
	off-whole|stock-whole||nothing switched on
	native-whole|stock-whole||native, blocked
	bpf-whole|stock-whole|x2|policy, allowed
	bpf-blocked-whole|stock-whole|x2|policy, blocked
	-||| **with auditing on; here "stock" is ours while auditd and the daemon run**
	auditd-stopped-blocked|audit-blocked|=2|policy, blocked, repeated; auditd stopped, as many records waiting as may
	daemon-stopped-blocked|audit-blocked|=2|the same, the daemon stopped too, the ring buffer full
	auditd-stopped-allowed|audit-allowed|=2|policy, allowed by the default (0x88 of virtio); auditd stopped
	daemon-stopped-allowed|audit-allowed|=2|the same, the daemon stopped too
	END
}

# merge FILE FILE: the smaller figures; fails if two differ by too much.
merge()
{
	awk -v tolerance="$tolerance" '
		$1 !~ /^[a-z0-9-]+$/ || NF != 3 { next }
		NR == FNR { read[$1] = $2; write[$1] = $3; next }
		function less(a, b, d) {
			d = a - b
			if (d > tolerance || -d > tolerance) {
				print $1 ": " a " and " b > "/dev/stderr"
				bad = 1
			}
			return d > 0 ? b : a
		}
		!($1 in read) { print $1 ": one boot only" > "/dev/stderr"; bad = 1; next }
		$3 == "-" { print $1, less(read[$1], $2), "-"; next }
		{ print $1, less(read[$1], $2), less(write[$1], $3) }
		END { exit bad }' "$1" "$2"
}

# render FIGURES
render()
{
	table | awk -F'|' -v figures="$1" '
		function cell(key, i) {
			if (!(key in fig)) {
				print "no figure " key > "/dev/stderr"
				bad = 1
			}
			split(fig[key], f, " ")
			return f[i]
		}
		# How much more than the target; 0 or less if it is met.
		function over(stock, ours, target) {
			if (target ~ /^x/)
				return ours - stock * substr(target, 2)
			if (target ~ /^=/)
				return (ours > stock ? ours - stock : stock - ours) - substr(target, 2)
			return ours - stock - target
		}
		function diff(stock, ours) {
			if (stock > 10000)
				return sprintf("x%.2f", ours / stock)
			return sprintf("%+d", ours - stock)
		}
		BEGIN {
			while ((getline line < figures) > 0) {
				split(line, f, " ")
				fig[f[1]] = f[2] " " f[3]
			}
			print "| | stock read | ours | diff | stock write | ours | diff | target | |"
			print "|---|--:|--:|--:|--:|--:|--:|--:|---|"
		}
		$1 == "-" { sub(/^ /, "", $4); print "| " $4 " | | | | | | | | |"; next }
		{
			n = split($3, target, " ")
			line = "| " $4
			missed = ""
			for (i = 1; i <= 2; i++) {
				stock = cell($2, i)
				ours = cell($1, i)
				if (ours == "-") {
					line = line " | | | "
					continue
				}
				line = line " | " stock " | " ours " | " diff(stock, ours)
				if (!n)
					continue
				o = over(stock, ours, target[n == 2 ? i : 1])
				if (o > 0)
					missed = missed (missed ? ", " : "**missed** by ") \
						(i == 1 ? "read " : "write ") o
			}
			sub(/ /, " / ", $3)
			sub(/^=/, "±", $3)
			print line " | " $3 " | " (n ? (missed ? missed : "met") : "") " |"
		}
		END { exit bad }'
}

which_kernel()
{
	if [ "$series" = 6.12 ]; then
		echo "Debian's kernel $1"
	else
		echo "A small kernel of its own, $1"
	fi
}

# section KVER TABLE: what stands between the markers
section()
{
	local qemu

	qemu=$(qemu-system-x86_64 --version | sed -n '1s/.*version \([0-9.]*\).*/\1/p')
	cat <<-END
	$(which_kernel "$1"), QEMU $qemu, one processor, e1000e.
	Made by \`make bench${SERIES:+ SERIES=$series}\`, which runs each of these twice:

	    selftests/vm/run.sh --icount --no-judge${kernel:+ --kernel KVER} -- selftests/bench/measure.sh
	    selftests/vm/run.sh --icount --no-judge${kernel:+ --kernel KVER} --append audit=1 -- selftests/bench/measure-audit.sh

	The kernel's command line has \`$(sed -n 's/^.*args+=" \(mitigations[^"]*\)".*/\1/p' "$top/selftests/vm/run.sh")\`. Two boots gave the
	same figures within $tolerance instructions.

	END
	cat "$2"
}

check_section "$marker"
mkdir -p "$out"
if [ "$series" != 6.12 ]; then
	kver=$("$top/scripts/kernel.sh") || die "no kernel of series $series"
	kernel=(--kernel "$kver")
fi
"${CC:-cc}" -std=gnu11 -O2 -Wall -Wextra -Werror -o "$top/build/bench/access-cost" \
	"$here/access-cost.c" "$here/../vm/vfio-open.c"

# boot NAME SCRIPT OPTIONS...: two machines, to $out/NAME1 and 2.
boot()
{
	local name=$1 script=$2 i
	local -a pids=()

	shift 2
	for i in 1 2; do
		"$here/../vm/run.sh" --icount --no-judge --timeout 900 "${kernel[@]}" "$@" \
			--name "$name$i" --out "$out/$name$i" -- \
			"$here/$script" >"$out/$name$i.log" 2>&1 &
		pids[i]=$!
		# Both would make the images.
		[ "$i" = 2 ] || sleep 3
	done
	for i in 1 2; do
		wait "${pids[i]}" || {
			tail -n 20 "$out/$name$i.log" >&2
			die "$name $i failed, see $out/$name$i.log"
		}
	done
}

echo "booting four times, this takes two minutes"
boot boot measure.sh
boot audit measure-audit.sh --append audit=1
for i in 1 2; do
	cat "$out/boot$i/out.log" "$out/audit$i/out.log" >"$out/figures$i"
done

merge "$out/figures1" "$out/figures2" >"$out/figures" ||
	die "two boots differ by more than $tolerance instructions"
render "$out/figures" >"$out/table"
kver=$(sed -n "s/^[[:space:]]*VM_KVER='\(.*\)'/\1/p" "$out/boot1/share/run.env")
section "$kver" "$out/table" >"$out/section"

put_section "$marker" "$out/section"
cat "$out/table"
missed=$(grep -c '\*\*missed\*\*' "$out/table" || true)
echo "written to ${doc#"$top"/}; targets missed: $missed"
