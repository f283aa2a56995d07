#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 16-rules.sh - the rule language, held to the loaded program (runs in the VM).
#
# Three ways of asking what a policy says must agree: the evaluator, from the
# text; the program, from the maps, about a made-up access (program "ask"); and
# the hook, about a real one. The first two are compared on random policies and
# on the expectations of every shipped policy; what of these fits a device here
# is then done through VFIO, and the bus trace tells what became of it.
#
# VM_RULES_SEED and VM_RULES_POLICIES make it repeat or go on longer.
#
# vm-args: --timeout 900

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

# hold_to NAME POLICY EXPECT: the loaded maps against the expectations
hold_to()
{
	check "$1: loads" guard load "$2" &&
		check "$1: evaluator and loaded maps meet $(grep -c '^expect' "$3") expectations" \
			guard check --no-ids --loaded --test "$3" "$2"
}

# The ids of the device that is passed through, so that rules see another one.
alias_as()
{
	printf '%s %s %s %s' "$VM_TESTDEV" "$1" "${2:-0}" "${3:-0:0}" \
		> /sys/module/pci_alias/parameters/set
}

# through_hook LINE: do what an "expect" line says; 1 if no device here fits it
through_hook()
{
	local verdict dev dir where value='' size=4 off class='' subsys='' word
	local -a words

	read -ra words <<< "$1"
	verdict=${words[1]} dev=${words[2]} dir=${words[3]} where=${words[4]}
	for ((word = 5; word < ${#words[@]}; word++)); do
		case ${words[word]} in
		value) value=${words[++word]} ;;
		class) class=${words[++word]} ;;
		subsys) subsys=${words[++word]} ;;
		unassigned | audit | silent) ;;
		*) return 1 ;;
		esac
	done
	case $where in
	*.b) size=1 ;;
	*.w) size=2 ;;
	*.l | *[048cC]) ;;
	*) size=1 ;;
	esac
	off=$((${where%.*}))
	# This device has nothing but a header.
	((off >= 0x40 && off < 0x100)) || return 1
	[ "$dev" != '*' ] || dev=ffff:ffff
	alias_as "$dev" "$class" "$subsys"
	# The plans of a device hold for a timer tick.
	sleep 0.02
	step_begin "$1"
	if [ "$dir" = w ]; then
		vfio_do "w $(printf %x "$off") $size $(printf "%0$((2 * size))x" "${value:-0}")"
	else
		vfio_do "r $(printf %x "$off") $size"
	fi > /run/vm/answer
	step_end
	word=$(if [ "$dir" = w ]; then echo write; else echo read; fi)
	if [ "$verdict" = block ]; then
		expect_bus none "$word" "$VM_TESTDEV" "$(printf 0x%x "$off")"
	else
		expect_bus exactly 1 "$word" "$VM_TESTDEV" "$(printf 0x%x "$off")"
	fi
	read -r word _ < /run/vm/answer
	[ "$word" = "$size" ] || return 2
}

# all_through_hook NAME EXPECT
all_through_hook()
{
	local line done=0 failed=0 rc

	while read -r line; do
		rc=0
		through_hook "$line" || rc=$?
		[ "$rc" = 1 ] || done=$((done + 1))
		[ "$rc" != 2 ] || failed=$((failed + 1))
	done < <(grep '^expect' "$2")
	check "$1: $done accesses through the hook say success" [ "$done" -gt 0 ] &&
		is "$failed" 0 "$1: all of them"
	alias_as 1b36:0005
}

check "the patched core loads" load_patched
check "the device is given to vfio-pci" bind_vfio "$VM_TESTDEV" "$VM_E1000E"
pci_alias=/lib/modules/$VM_KVER/pci-alias.ko
[ -e "$pci_alias" ] || pci_alias=$VM_SRC/build/vm/bin/pci-alias-$VM_KVER.ko
check "its ids can be changed" insmod "$pci_alias"

check "evaluator and program agree on random policies" \
	"$VM_SRC/build/vm/bin/policy-diff" "${VM_RULES_SEED:-1}" \
	"${VM_RULES_POLICIES:-6}" 4000
check "no policy is left" guard unload

check "the device opens" vfio_start "$VM_TESTDEV"
rules=$VM_SRC/selftests/vm/data/rules
hold_to rules "$rules.policy" "$rules.expect"
all_through_hook rules "$rules.expect"
for policy in "$VM_SRC"/policies/*.policy; do
	name=$(basename "$policy" .policy)
	expect=$VM_SRC/policies/tests/$name.expect
	hold_to "$name" "$policy" "$expect"
	[ "$name" = monitor ] || all_through_hook "$name" "$expect"
	# The device library, from the maps it is loaded to.
	[ "$name" = default ] || continue
	for expect in "$VM_SRC"/policies/tests/devices/*.expect; do
		check "devices: evaluator and loaded maps meet $(basename "$expect")" \
			guard check --no-ids --loaded --test "$expect" "$policy"
	done
done
check "the device closes" vfio_stop

# --- What reaches the bus, to the bit, on a device with capabilities ----------

# What a masked write must not touch
check "no policy is left" guard unload
is "$(vfio_cfg "$VM_E1000E" 'w 84 4 12345678')" 4 "what firmware left in a register"
check "the rules load again" guard load "$rules.policy"
check "the e1000e opens" vfio_start "$VM_E1000E"

step_begin "values, masks, read values"
is "$(vfio_do 'w 80 4 39d5e86b')" 4 "a blocked value"
is "$(vfio_do 'w 80 1 6b')" 1 "a part of the blocked value"
is "$(vfio_do 'w 80 4 11111111')" 4 "another value"
is "$(vfio_do 'w 84 4 ffffffff')" 4 "a masked write"
is "$(vfio_do 'w 85 1 ff')" 1 "one byte of a masked register"
is "$(vfio_do 'r 88 4')" "4 ffffffff" "ones are read"
is "$(vfio_do 'r 8a 2')" "2 ffff" "half of the ones"
is "$(vfio_do 'r 8c 2')" "2 beef" "a constant is read"
is "$(vfio_do 'r 8d 1')" "1 be" "its upper byte"
is "$(vfio_do 'r 90 4')" "4 00000000" "nothing was written yet"
is "$(vfio_do 'w 90 4 12345678')" 4 "a blocked write"
is "$(vfio_do 'r 90 4')" "4 12345678" "what was written is read back"
is "$(vfio_do 'w 91 1 ff')" 1 "a byte of it"
is "$(vfio_do 'r 90 4')" "4 1234ff78" "and the whole again"
is "$(vfio_do 'w a0 2 0000')" 2 "an ordinary capability"
step_end
expect_bus none write "$VM_E1000E" 0x80 0x39d5e86b
expect_bus none write "$VM_E1000E" 0x80 0x6b
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x11111111
# The bits that are not in the mask are written as they were read before.
expect_bus exactly 1 read "$VM_E1000E" 0x84
expect_bus exactly 1 write "$VM_E1000E" 0x84 0x12ff56ff
expect_bus exactly 1 write "$VM_E1000E" 0x85 0x56
expect_bus none read "$VM_E1000E" 0x80
expect_bus none any "$VM_E1000E" 0x88-0x8f
expect_bus none any "$VM_E1000E" 0x90-0x93
expect_bus none write "$VM_E1000E" 0xa0

# --- Owners -------------------------------------------------------------------

cgroups=/sys/fs/cgroup/machine.slice
mkdir -p "$cgroups/good.scope/vcpu0" "$cgroups/bad.scope"
check "the e1000e closes" vfio_stop

as_owner()
{
	(
		echo "$BASHPID" > "$1/cgroup.procs"
		vfio_cfg "$VM_E1000E" "w 98 4 $2"
	)
}

step_begin "owners"
is "$(as_owner "$cgroups/good.scope/vcpu0" aaaa0001)" 4 "an owner that may"
is "$(as_owner "$cgroups/bad.scope" aaaa0002)" 4 "one beside it"
is "$(as_owner "$cgroups" aaaa0003)" 4 "one above"
is "$(as_owner /sys/fs/cgroup aaaa0004)" 4 "nobody's"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x98 0xaaaa0001
expect_bus none write "$VM_E1000E" 0x98 0xaaaa0002
expect_bus none write "$VM_E1000E" 0x98 0xaaaa0003
expect_bus none write "$VM_E1000E" 0x98 0xaaaa0004

# --- Slots: two devices of one id ---------------------------------------------

check "the second e1000e" bind_vfio "$VM_E1000E_2"
step_begin "slots"
is "$(vfio_cfg "$VM_E1000E" 'w 60 4 bbbb0001')" 4 "the slot that may not"
is "$(vfio_cfg "$VM_E1000E_2" 'w 60 4 bbbb0002')" 4 "the slot that may"
step_end
expect_bus none write "$VM_E1000E" 0x60
expect_bus exactly 1 write "$VM_E1000E_2" 0x60 0xbbbb0002

# --- In monitor mode the same rules change nothing ----------------------------

sed 's/^mode .*/mode monitor/' "$rules.policy" > /tmp/monitor.policy
check "the rules load in monitor mode" guard load /tmp/monitor.policy
step_begin "monitor"
is "$(vfio_cfg "$VM_E1000E" 'w 80 4 39d5e86b')" 4 "a blocked value passes"
is "$(vfio_cfg "$VM_E1000E" 'w 84 4 ffffffff')" 4 "a masked write passes whole"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x39d5e86b
expect_bus exactly 1 write "$VM_E1000E" 0x84 0xffffffff

done_testing
