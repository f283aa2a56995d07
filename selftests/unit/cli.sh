#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# cli.sh PROGRAM: the command line of vfioguard from the outside, as far as it
# needs neither root nor a kernel: exit statuses, and what goes to stdout and
# what to stderr.  Prints TAP.

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
program=$(realpath "$1")

# t NAME STATUS ARGUMENT...: run it; the output is in $work/out and $work/err
t()
{
	local name=$1 want=$2 got

	shift 2
	"$program" "$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	keep_json "$work/out"
	if [ "$got" -ne "$want" ]; then
		result 1 "$name: exit status"
		echo "# '$*' gave $got instead of $want"
		sed 's/^/# /' "$work/err"
	else
		result 0 "$name: exit status $want"
	fi
}

# says out|err NAME PATTERN: it must be in the output
says()
{
	grep -qE -e "$3" "$work/$1"
	result $? "$2"
}

# silent out|err NAME: nothing may be there
silent()
{
	[ ! -s "$work/$1" ]
	result $? "$2"
}

commands="run load unload status allow deny check explain devices doctor events learn suggest"

t "no command" 1
says err "no command: help on stderr" '^usage: vfioguard'
silent out "no command: nothing on stdout"

t "help" 0 --help
silent err "help: nothing on stderr"
for c in $commands; do
	says out "help names $c" "^  $c "
done
says out "help tells the exit statuses" '8 no policy loaded'
read -r lines width <<<"$(wc -lL <"$work/out")"
[ "$lines" -le 24 ] && [ "$width" -le 80 ]
result $? "help is one screen, 80 by 24 (it has $lines lines, $width wide)" /dev/null

"$program" --help >"$work/help"
t "help, as a command" 0 help
cmp -s "$work/out" "$work/help"
result $? "help, as a command: the same"
t "help of a command" 0 help check
says out "help of a command: its arguments" '^usage: vfioguard check .*--test FILE'
t "help of no command" 1 help frobnicate
says err "help of no command names it" "no command 'frobnicate'"

t "version" 0 --version
says out "version is one line" '^vfioguard [0-9]+\.[0-9]+'

t "unknown command" 1 frobnicate
says err "unknown command is named" "no command 'frobnicate'"
silent out "unknown command: nothing on stdout"
t "unknown option" 1 --frobnicate status
says err "unknown option is named" "no option '--frobnicate'"

for c in $commands; do
	t "$c --help" 0 "$c" --help
	says out "$c --help shows its arguments" "vfioguard $c"
done
for c in load unload status doctor allow deny devices events run learn suggest; do
	t "$c with too much" 1 "$c" a b c d
	says err "$c with too much: usage" "usage: vfioguard $c"
done

for id in 8086 8086: :10d3 8086:10d 8086:10d3x 8086:-1 '8086: 1d3' \
	0x8086:10d3 -1:10d3 ffff:10d3 0000:10d3 8086:ffff '*:*' 8086:0x1d; do
	t "allow '$id'" 1 allow "$id"
	says err "allow '$id' says what a device is" 'VENDOR:DEVICE in hex'
done
t "allow x" 1 allow x 8086:10d3
t "events --device" 1 events --device nonsense
says err "events --device says what a slot is" '0000:01:00.0'
t "events --verdict" 1 events --verdict block
says err "events --verdict says which there are" 'allowed, blocked'

t "learn, what?" 1 learn
t "learn start --json" 1 learn start --json
t "suggest, two policies" 1 suggest --loaded --policy "$work/good.policy"

printf 'block w 8086:10d3\n' >"$work/good.policy"
printf 'mode enforce\nblok w 8086:10d3\n' >"$work/bad.policy"
printf 'expect block 8086:10d3 w 0x80\n' >"$work/met.expect"
printf 'expect allow 8086:10d3 w 0x80\n' >"$work/unmet.expect"
t "check, no policy" 1 check
t "check, good" 0 check --no-ids "$work/good.policy"
says out "check sums up on stdout" '1 rule, 0 errors'
silent err "check, good: nothing on stderr"
t "check, bad" 2 check --no-ids "$work/bad.policy"
says err "check gives line and column" 'bad\.policy:2:1: error: '
t "check, one bad of two" 2 check --no-ids "$work/good.policy" \
	"$work/bad.policy"
t "check, missing file" 2 check --no-ids "$work/none.policy"
t "check, expectation met" 0 check --no-ids --test "$work/met.expect" \
	"$work/good.policy"
t "check, expectation not met" 2 check --no-ids --test "$work/unmet.expect" \
	"$work/good.policy"
t "check --json" 2 check --no-ids --json "$work/bad.policy"
says out "check --json is on stdout" '"valid": *false'
printf 'audit = no\n' >"$work/good.conf"
printf 'audit = no\npolcy = /x\n' >"$work/bad.conf"
t "check --config, good" 0 check --config "$work/good.conf"
t "check --config, bad" 1 check --config "$work/bad.conf"
says err "check --config gives line and column" "bad\.conf:2:1: error: no key 'polcy'"
t "check --config, missing file" 1 check --config "$work/none.conf"
t "check --config with a policy" 1 check --config "$work/good.conf" "$work/good.policy"

t "explain, too few" 1 explain 8086:10d3 0x80
says err "explain, too few: usage" 'usage: vfioguard explain'
t "explain" 0 explain --policy "$work/good.policy" 8086:10d3 0x80 w 0x1
says out "explain: the verdict" '^blocked: write of 0x00000001 at 0x80 '
says out "explain: the rule and its line" 'at +.*good\.policy:1$'
silent err "explain: nothing on stderr"
t "explain, an option behind" 0 explain 8086:10d3 0x80.w r --policy "$work/good.policy" \
	--region vendor --slot 01:00.0 --owner /a --class 02 --subsys 1028:1fc9
says out "explain: allowed by a default" '^allowed: read at 0x80 \(2 bytes\)'
! grep -q '^  note' "$work/out"
result $? "explain: nothing was left unsaid"
t "explain --json" 0 explain --json --policy "$work/good.policy" 8086:10d3 0x80 w
says out "explain --json: the verdict" '"verdict": *"blocked"'
t "explain, bad policy" 2 explain --policy "$work/bad.policy" 8086:10d3 0x80 w
says err "explain, bad policy: line and column" 'bad\.policy:2:1: error: '
silent out "explain, bad policy: nothing on stdout"
t "explain, no such policy" 2 explain --policy "$work/none.policy" 8086:10d3 0x80 w
t "explain, no such device" 9 explain --policy "$work/good.policy" ffff:ff:1f.7 0x80 w
says err "explain, no such device: it is named" 'no device ffff:ff:1f\.7'
# ARGUMENTS: what the message must name
for bad in '8086 0x80 w:half of a device' '8086:10d3 80 w:has no 0x' \
	'8086:10d3 0x1000 w:0x1000' '8086:10d3 0x81.w w:not aligned' \
	"8086:10d3 0x80 rw:not r or w" "8086:10d3 0x80 r 0x1:no value" \
	"8086:10d3 0x80.b w 0x100:0x100" "--region cap=msx 8086:10d3 0x80 w:msx" \
	"--region audit 8086:10d3 0x80 w:audit" "--region any 8086:10d3 0x80 w:any" \
	"--slot x 8086:10d3 0x80 w:PCI address" "--owner a 8086:10d3 0x80 w:absolute path" \
	"--class 2 8086:10d3 0x80 w:device class" "--subsys 1028 8086:10d3 0x80 w:subsystem"; do
	read -r -a words <<<"${bad%:*}"
	t "explain ${bad%:*}" 1 explain --policy "$work/good.policy" "${words[@]}"
	says err "explain ${bad%:*}: says why" "^vfioguard: error: .*${bad##*:}"
done

# A policy with mistakes is refused before anything else is asked for.
t "load, bad" 2 load "$work/bad.policy"
says err "load gives line and column" 'bad\.policy:2:1: error: '
t "quiet load, bad" 2 -q load "$work/bad.policy"
says err "quiet, errors are said" 'bad\.policy:2:1: error: '

# A rule that could go is no error.
printf '%s\n' "default allow rw other" "allow r 8086:10d3 header" >"$work/note.policy"
t "check, a note" 0 check --no-ids "$work/note.policy"
says err "the note is said" 'note\.policy:2:1: note: '
t "quiet check, a note" 0 -q check --no-ids "$work/note.policy"
silent err "quiet, the note is not"

# --- On a terminal ----------------------------------------------------------------

# on_terminal VARIABLE=VALUE... -- ARGUMENT...: what it shows there
on_terminal()
{
	local -a set=()

	while [ "$1" != -- ]; do
		set+=("$1")
		shift
	done
	shift
	env -u NO_COLOR TERM=xterm "${set[@]}" \
		script -qec "$program $*" /dev/null </dev/null >"$work/out" 2>&1
}

escape=$'\033'
if command -v script >/dev/null; then
	on_terminal -- check --no-ids "$work/bad.policy"
	says out "on a terminal an error has a colour" "bad\.policy:2:1: $escape\\[1;31merror:$escape\\[0m "
	on_terminal -- --frobnicate
	says out "a message, too" "$escape\\[1;31merror: "
	for set in NO_COLOR=1 TERM=dumb; do
		on_terminal "$set" -- check --no-ids "$work/bad.policy"
		says out "$set: the error is there" "bad\.policy:2:1: error: "
		! grep -q "$escape" "$work/out"
		result $? "$set: no colour"
	done
	on_terminal NO_COLOR= -- check --no-ids "$work/bad.policy"
	says out "NO_COLOR that is empty: colours" "$escape"
fi

done_testing
