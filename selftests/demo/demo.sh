#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# demo.sh - the main job in five scenes, each a fresh machine.
#
# The host of the scenes is a virtual machine; the bus trace of the QEMU around
# it tells what reached the device, so nothing in the machine is taken at its
# word.  Transcripts stay in build/demo/SCENE:
#
#	out.log		what you saw		console.log	the host's kernel
#	trace.log	the bus			share/nested.log	the guest's console
#
# Exit status: 0 if each scene showed what it is to show.

set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
out=$top/build/demo
fragile=e1000e@01:00.0:0x80
rows=()
bad=0

# Writes to the register that the device saw.
writes()
{
	grep -cE 'pci_cfg_write e1000e 01:00.0 @0x8[0-3] <-' "$out/$1/trace.log"
}

guest_fate()
{
	if grep -q 'reboot: Power down' "$out/$1/share/nested.log" 2>/dev/null; then
		echo "powered itself off"
	else
		echo "lost"
	fi
}

host_fate()
{
	local panic

	panic=$(grep -o 'Kernel panic - not syncing: .*' "$out/$1/console.log" | head -n 1)
	echo "${panic:-lives}"
}

# start NAME RUN-OPTIONS...: run a scene in the background.
declare -A pids
start()
{
	local name=$1

	shift
	"$top/selftests/vm/run.sh" --svm --name "$name" --out "$out/$name" "$@" \
		-- "$here/$name.sh" >"$out/$name.log" 2>&1 &
	pids[$name]=$!
}

# show NAME WANTED-EXIT TITLE: show it while it runs, and note what came of it.
show()
{
	local name=$1 want=$2 title=$3 rc verdict=shown

	printf '\n=== Scene %s: %s\n' "${name#scene-}" "$title"
	tail -n +1 -f -s 0.2 --pid="${pids[$name]}" "$out/$name.log" |
		sed -u -e 's/^ok [0-9]* - /  [ok] /' \
			-e 's/^not ok [0-9]* - /  [NOT OK] /' \
			-e '/^Bail out/d' -e '/^1\.\./d'
	wait "${pids[$name]}"
	rc=$?
	if [ "$rc" != "$want" ]; then
		verdict="NOT SHOWN (exit $rc)"
		bad=1
	fi
	rows+=("${name#scene-}|$title|$(writes "$name")|$(guest_fate "$name")|$(host_fate "$name")|$verdict")
}

begin=$SECONDS
mkdir -p "$out"
# Two at a time; 95: the host's kernel panicked.
start scene-a --watch-fragile $fragile
start scene-b --watch-fragile $fragile
show scene-a 95 "stock kernel"
start scene-c
show scene-b 0 "daemon with default.policy"
start scene-d
show scene-c 0 "allow list edited with bpftool"
start scene-e --watch-fragile $fragile
show scene-d 0 "module parameters alone"
show scene-e 0 "stock kernel, default.policy"

if ! grep -q 'Kernel panic - not syncing: Fatal local machine check' "$out/scene-a/console.log"; then
	echo "scene a: the host did not die of the machine check" >&2
	bad=1
fi

printf '\n%-2s %-32s %-13s %-19s %-13s %s\n' "" scene "bus writes" guest result host
printf '%s\n' "${rows[@]}" | while IFS='|' read -r name title count guest host verdict; do
	printf '%-2s %-32s %-13s %-19s %-13s %s\n' "$name" "$title" "$count" \
		"$guest" "$verdict" "$host"
done
printf '\nBus writes: writes to the unassigned register that reached the device, counted outside\nthe machine. Transcripts: %s. Took %d s.\n' \
	"${out#"$top/"}" $((SECONDS - begin))
exit $bad
