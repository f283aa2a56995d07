#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# device-check.sh VFIOGUARD: does scripts/device-check.sh notice what a device
# library must not have?  A small library that is right, then the same with one
# mistake each.  Prints TAP.

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
vfioguard=$(realpath "$1")
check=$(dirname "$0")/../../scripts/device-check.sh

library()
{
	rm -rf "${work:?}"/*
	mkdir "$work/lib" "$work/test"
	cat >"$work/lib/8086-test.policy" <<-'EOF'
		# Entries for a test.
		#
		# vendor: Test

		# device: One NIC
		# class: needed
		# reason: It needs
		#   two registers.
		# source: a data sheet
		# option: allow w 8086:10d3 0x88
		allow rw 8086:10d3 0x80 key=needed-one # a name
		allow w 8086:10d3 0x84 key=needed-one

		# device: Another
		# class: dangerous
		# reason: It erases itself.
		# source: an advisory
		block w 8086:1533 0x40 key=dangerous-two

		# device: A third
		# class: silent
		# reason: Each start.
		# source: its driver
		block w 8086:1521 0x41 silent key=silent-three

		# device: Slow ones
		# class: hang
		# reason: Reads hang.
		# source: a quirk
		block r 8086:1501 0x90 key=hang-four

		# device: A secret
		# class: unknown-register
		# ids: not published
		# reason: Nobody says.
		# source: a talk
	EOF
	cat >"$work/test/8086-test.expect" <<-'EOF'
		# One NIC
		expect allow 8086:10d3 w 0x80 silent
		expect allow 8086:10d3 w 0x84
		expect block 8086:10d3 w 0x88

		# Another
		expect block 8086:1533 w 0x40 audit
		expect allow 8086:1533 r 0x40

		# A third
		expect block 8086:1521 w 0x41.b silent
		expect allow 8086:1521 r 0x41.b

		# Slow ones
		expect block 8086:1501 r 0x90
		expect allow 8086:1501 r 0x94
	EOF
}

run()
{
	"$check" "$vfioguard" "$work/lib" "$work/test" >"$work/out" 2>&1
}

# bad WHAT MESSAGE SED [FILE]: after the edit the check fails with the message
bad()
{
	local what=$1 message=$2 edit=$3 file=${4:-lib/8086-test.policy} ok=0

	library
	sed -i "$edit" "$work/$file"
	run && ok=1
	grep -qF -- "$message" "$work/out" || ok=1
	result "$ok" "$what"
}

library
run
result $? "a library that is right"

for field in device class reason source; do
	bad "no $field" "the entry has no '$field:'" "/^# device: Another/,/^block/s/^# $field: .*/# $field:/"
done
bad "a reason that is left out" "the entry has no 'reason:'" \
	'/^# reason: Each/d'
bad "a rule outside an entry" "a rule outside an entry" \
	"/^allow w/s/^/\\n/"
bad "a comment that cuts an entry" "this comment is no 'FIELD: text'" \
	'/^# source: a quirk/a # and so on'
bad "a field nobody knows" "no entry has a 'sauce:'" \
	'/^# source: a quirk/a # sauce: hot'
bad "a field twice" "'source:' stands here twice" \
	'/^# source: a quirk/a # source: another'
bad "a device twice" "'Another' stands there twice" \
	's/^# device: A third/# device: Another/'
bad "a class nobody knows" "there is no class 'risky'" \
	's/^# class: hang/# class: risky/'
bad "an entry without rules" "'Slow ones' has no rule" '/^block r/d'
bad "a rule where none can be" "has no rules" \
	'/^# source: a talk/a block w 8086:1572 0x40 key=hang-x'
bad "no ids" "has no 'ids:'" '/^# ids/d'
bad "a rule against its class" "a rule of the class 'needed' can't be" \
	's/^allow w/block w/'
bad "a rule without a place" "a rule of the class 'hang' can't be" \
	's/ 0x90 / /'
bad "danger that is not reported" "no 'silent'" \
	's/0x40 key/0x40 silent key/'
bad "a key of another class" "the key must start with the class" \
	's/key=hang-four/key=needed-four/'
bad "no key" "the key must start with the class" 's/ key=dangerous-two//'
bad "a device without a name" "pci.ids has no 8086:fff0" \
	's/8086:1533/8086:fff0/'
bad "a setting" "a line that is no rule" '1i mode monitor'
bad "a rule twice" "this rule stands at" \
	's/^allow w.*/allow rw 8086:10d3 0x80 key=needed-one/'
bad "a contradiction" "this rule contradicts" \
	's/8086:1533 0x40/8086:10d3 0x84/'
bad "an open window" "opens a window" \
	's/^allow w.*/allow w 14e4:165f 0x78 key=needed-one/'
bad "an expectation that is not met" "expected allow" \
	's/expect block 8086:10d3/expect allow 8086:10d3/' test/8086-test.expect
bad "no expectation for a side" "not both an allow and a block" \
	'/^expect allow 8086:1501/d' test/8086-test.expect
bad "an expectation that needs no rule" "needs 'Another'" \
	's/0x40 audit/0x44 audit/' test/8086-test.expect
bad "a place without an expectation" "needs 'One NIC': w 0x84" \
	'/w 0x84/d' test/8086-test.expect
library
rm "$work/test/8086-test.expect"
run
grep -q 'no .*/8086-test.expect' "$work/out"
result $? "a file without expectations"
library
cp "$work/test/8086-test.expect" "$work/test/9999-gone.expect"
run
grep -q 'no .*/9999-gone.policy' "$work/out"
result $? "expectations without a file"

done_testing
