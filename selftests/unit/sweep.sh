#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# sweep.sh PROGRAM: every command against what a hostile or unlucky environment gives
# it: stdout that is closed or full, and for each file it is told to read a folder, a
# FIFO, a device that never ends, a file of 1 GB and one that can't be read.  Each ends
# within five seconds of work, in 64 MiB of memory, with the exit status that is documented.
# Prints TAP.
#
# PROGRAM is the one that is shipped: sanitizers take memory of their own.

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
program=$(realpath "$1")

# Nobody in particular, who may not read what is forbidden.
as=()
if [ "$(id -u)" = 0 ]; then
	as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	install -m 755 "$program" "$work/vfioguard"
	program=$work/vfioguard
	chmod 755 "$work"
fi

# bounded ARGUMENT...: within the bounds.  64 MiB of data, which is all that a program
# allocates, and five seconds of processor time: what waits in vain ends with 124 in a
# minute, and a busy machine fails nobody.
bounded()
{
	(
		ulimit -d 65536 -t 5
		exec "${as[@]}" timeout 60 "$program" "$@"
	)
}

printf 'block w 8086:10d3\n' >"$work/good.policy"
printf 'expect block 8086:10d3 w 0x80\n' >"$work/good.expect"
printf 'audit = no\n' >"$work/good.conf"
chmod 644 "$work"/good.*
cd "$work" || exit 1

# --- stdout ----------------------------------------------------------------------

# A command that prints fails if that is lost; one that prints nothing does what it
# does anyway.
lost()
{
	local status want name

	bounded "$@" >out 2>err </dev/null
	status=$?
	keep_json out
	want=$status
	[ ! -s out ] || want=9
	for name in full closed; do
		if [ "$name" = full ]; then
			bounded "$@" >/dev/full 2>err </dev/null
		else
			bounded "$@" >&- 2>err </dev/null
		fi
		status=$?
		[ "$status" -eq "$want" ]
		result $? "$* ($name): exit status $want" err
		[ "$want" -ne 9 ] || [ -s err ]
		result $? "$* ($name): a word on stderr"
	done
}

lost --help
lost --version
lost --commands
lost --complete ""
lost help
lost help check
while IFS=$'\t' read -r command _; do
	lost "$command" --help
done < <("$program" --commands)
lost check --no-ids good.policy
lost check --no-ids --json good.policy
lost check --no-ids --test good.expect good.policy
lost check --config good.conf
lost explain --policy good.policy 8086:10d3 0x80 w
lost explain --json --policy good.policy 8086:10d3 0x80 w
# These stop at what this machine lacks, or print.
for command in status "status --json" devices "devices --json" events "events --json" \
	doctor "doctor --json" metrics "learn status" "learn show" suggest "allow 8086:10d3" "deny 8086:10d3"; do
	# shellcheck disable=SC2086 # words
	lost $command
done

# Nothing that is opened later gets the number of a closed stdout or stderr.
bounded check --no-ids good.policy <&- >out 2>&-
result $? "no stdin and no stderr: the policy is checked"
grep -q ' 0 errors' out
result $? "no stdin and no stderr: and that is said"

# --- Files -------------------------------------------------------------------------

mkdir folder
mkfifo fifo
truncate -s 1G sparse
head -c 3000000 /dev/urandom >garbage
yes 'blok w 8086:10d3' | head -c 3000000 >mistakes
ln -s /nonexistent nowhere
ln -s loop loop
echo "mode enforce" >forbidden
chmod 000 forbidden

chmod 644 garbage mistakes
chmod 666 fifo
things=(folder fifo /dev/zero sparse garbage mistakes nowhere loop forbidden missing /dev/full)

# reads STATUS ARGUMENT...: with each of the things in place of FILE
reads()
{
	local want=$1 thing got words

	shift
	for thing in "${things[@]}"; do
		words=("${@//FILE/$thing}")
		bounded "${words[@]}" >out 2>err </dev/null
		got=$?
		[[ " $want " == *" $got "* ]]
		result $? "${words[*]}: exit status $want" err
		# A pipe of 64 KiB takes all that is said, if nobody reads yet.
		[ -s err ] || [ -s out ] && [ -z "$(find err -size +64k)" ]
		result $? "${words[*]}: says why, and not at length"
	done
}

reads 2 check --no-ids FILE
reads 2 check --no-ids --json FILE
reads 2 check --no-ids --test FILE good.policy
reads 1 check --config FILE
reads 2 explain --policy FILE 8086:10d3 0x80 w
reads 2 load FILE
reads 1 run --config FILE
# They look for the hook or the privilege first, and have neither here.
reads "2 3 4 5" run --policy FILE
reads "2 3 4 5 8" suggest --policy FILE
reads "3 4 5 8 9" suggest --library FILE

for thing in "${things[@]}"; do
	[ "$thing" != folder ] || continue
	printf 'include %s\n' "$thing" >include.policy
	chmod 644 include.policy
	bounded check --no-ids include.policy >out 2>err </dev/null
	got=$?
	[ "$got" -eq 2 ]
	result $? "include $thing: exit status 2" err
	grep -qE '^(include\.policy:1:9|garbage|mistakes|\./)' err
	result $? "include $thing: with its place" err
done

# A policy.d with a FIFO in it, as the daemon reads it.
mkdir policy.d
cp good.policy policy.d/10-good.policy
mkfifo policy.d/20-bad.policy
chmod -R a+rX policy.d
bounded check --no-ids policy.d >out 2>err </dev/null
[ $? -eq 2 ]
result $? "a folder with a FIFO in it: exit status 2"
grep -qF 'policy.d/20-bad.policy: error: not a regular file' err
result $? "a folder with a FIFO in it: which it is" err

# --- Names ---------------------------------------------------------------------------

# A name of others makes no line of its own.
evil=$'a\nvfioguard: error: forged\e[2J'
for words in "check --no-ids" "check --config" load "explain 8086:10d3 0x80 w --policy" \
	"run --config" "check --no-ids good.policy --test"; do
	# shellcheck disable=SC2086 # words
	bounded $words "$evil.policy" >out 2>err </dev/null
	! grep -q '^vfioguard: error: forged' out err && ! grep -q $'\e' out err &&
		grep -qF 'a\x0avfioguard: error: forged\x1b[2J.policy' out err
	result $? "$words: a name with a newline" out err
done
cp good.policy "$evil.policy"
chmod 644 "$evil.policy"
bounded check --no-ids "$evil.policy" >out 2>err </dev/null
[ "$(wc -l <out)" -eq 1 ]
result $? "the summary of a file with such a name is one line"

done_testing
