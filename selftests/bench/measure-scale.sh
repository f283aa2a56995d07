#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# measure-scale.sh - what many rules cost (in the VM).
#
# Prints "KEY FIGURE [KIB]" lines, which scale.sh makes the table of.  Figures are
# instructions: of a command, or of one access to the e1000e.
#
# Usage: measure-scale.sh [RULES]

# shellcheck source=selftests/bench/measure-lib.sh
. "$VM_SRC/selftests/bench/measure-lib.sh"

rules=${1:-100000}
tool=$VM_SRC/build/bench/run-cost

# figure KEY ARGS...: of run-cost; a command that fails ends it all
figure()
{
	local key=$1 cost kib status

	shift
	read -r cost kib status < <("$tool" "$@")
	[ "$status" = 0 ] || die "$key: exit status $status of $*"
	echo "$key $cost $kib"
}

# many N KIND: that many rules for other devices, in no order
many()
{
	awk -v n="$1" -v kind="$2" 'BEGIN {
		for (i = 1; i <= n; i++) {
			j = i * 7919 % n
			id = sprintf("%04x:%04x", 4096 + int(j / 60000), j % 60000 + 1)
			if (kind == "devices" || (kind == "both" && i % 2))
				print "allow rw " id
			else
				printf("allow w %s 0x%x-0x%x key=bench\n", id, 64 + j % 40 * 4, 67 + j % 40 * 4)
		}
	}'
}

head=("mode enforce" "default block rw unassigned audit" "default allow rw vendor"
	"default allow rw other")

load_patched || die "no patched module"
start

# Ten rules, one of them the device's.
load ten "${head[@]}" "allow rw 8086:10d3" "$(many 9 both)"
row ten-entry 80
load ten-register "${head[@]}" "allow rw 8086:10d3 0x80" "$(many 9 both)"
row ten-register 80
row ten-far 200

# Files first: what is measured should not wait for the disk of the machine.
for kind in devices registers both; do
	{
		printf '%s\n' "${head[@]}"
		many "$rules" "$kind"
	} > "/run/vm/$kind.policy"
	cat "/run/vm/$kind.policy" > /dev/null
	LC_ALL=C figure "sort-$kind" sort "/run/vm/$kind.policy"
	figure "check-$kind" "$VM_SRC/build/vfioguard" check --no-ids "/run/vm/$kind.policy"
done
for kind in devices registers both; do
	figure "load-$kind" "$VM_SRC/build/vfioguard" load "/run/vm/$kind.policy"
done
figure load-few "$VM_SRC/build/vfioguard" load /run/vm/ten.policy
# As many entries as these policies make, of the same sizes.
figure raw-list --batch "$rules" 4 4
figure raw-rules --batch "$rules" 16 28
figure raw-scopes --batch "$rules" 16 8

cp /run/vm/both.policy /run/vm/entry.policy
echo "allow rw 8086:10d3" >> /run/vm/entry.policy
guard -q load /run/vm/entry.policy || die "the policy can't be loaded"
row many-entry 80
cp /run/vm/both.policy /run/vm/register.policy
echo "allow rw 8086:10d3 0x80" >> /run/vm/register.policy
guard -q load /run/vm/register.policy || die "the policy can't be loaded"
row many-register 80
row many-far 200
guard -q unload || die "the policy can't be unloaded"
stop
