#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# profile.sh - where the instructions of one config access go, by function.
#
# Usage: profile.sh stock|off|native|POLICY r|w [OFFSET]
#
# A VM repeats the access (at 0x80 unless OFFSET, hex, says otherwise); the
# emulator executes one instruction at a time for a moment and logs each, and of
# the accesses in that log one as long as most are is counted.  Prints
# "INSTRUCTIONS FUNCTION" lines in the order of their weight.  What the harness
# does between two accesses (user space, the clock) counts as "user".
#
#	stock	the stock module		native	both parameters set
#	off	ours with nothing on		POLICY	a policy file
#
# MODE=stock in the environment puts the policy in force on the stock module; URING=1 lets
# the task have used io_uring.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
out=$top/build/bench/profile

die()
{
	echo "profile.sh: $*" >&2
	exit 1
}

monitor()
{
	echo "$1" 1<>"$out/mon.in"
	sleep "$2"
}

case ${1:-} in
stock | off | native) what=$1 ;;
*) what=$(realpath -e "${1:?what to profile, see the top of this script}") || exit 1 ;;
esac
case ${2:-} in
r | w) ;;
*) die "r or w must be given" ;;
esac

mkdir -p "${out%/*}"
"${CC:-cc}" -std=gnu11 -O2 -Wall -Wextra -Werror -o "${out%/*}/access-cost" \
	"$here/access-cost.c" "$here/../vm/vfio-open.c"
rm -rf "$out" "$out.log"
"$here/../vm/run.sh" --icount --no-judge --timeout 600 --name profile \
	--out "$out" -- "$here/profile-vm.sh" "$what" "$2" "${3:-80}" "${MODE:-hook}" \
	"${URING:+uring}" \
	>"$out.log" 2>&1 &
vm=$!
# The VM never ends by itself.  Opened for both, a FIFO never blocks.
trap '[ ! -p "$out/mon.in" ] || echo quit 1<>"$out/mon.in"; wait "$vm" || true' EXIT

for ((i = 0; ; i++)); do
	! grep -qs "^RUNNING" "$out.log" || break
	if [ "$i" = 1200 ] || ! kill -0 "$vm" 2>/dev/null; then
		tail -n 20 "$out.log" >&2
		die "the VM did not come to the access"
	fi
	sleep 0.4
done

# QEMU 8.2 renamed it; the other name only gives an error in monitor.log.
monitor "singlestep on" 0
monitor "one-insn-per-tb on" 0.5
monitor "log exec,nochain" 1
monitor "log none" 0.2
monitor quit 0
wait "$vm" || true
trap - EXIT

sed -nE 's/^Trace [0-9]+: [^[]*\[[^/]*\/([0-9a-f]{16})\/.*/\1/p' \
	"$out/trace.log" >"$out/pc"
rm -f "$out/trace.log"
LC_ALL=C sort -o "$out/kallsyms" "$out/share/kallsyms"
awk -f "$here/profile.awk" "$out/kallsyms" "$out/pc" >"$out/functions" ||
	die "no whole access in $out/pc"
awk '{ n += $1 } END { print n " instructions, of them" }' "$out/functions"
sort -k1,1nr -k2 "$out/functions"
