#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 30-sweep.sh - the commands that show what a loaded policy does, where stdout is full or
# closed, files are not what they should be, and devices do not answer (runs in the VM).  selftests/unit/sweep.sh is the same without a policy.
#
# A device that does not answer is made by a file of ones in place of its config space
# in sysfs: 4096 bytes and 256, and one whose capabilities lead out of it.

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}"

work=/run/vm/sweep
mkdir "$work"
cd "$work" || exit 1

# bounded COMMAND...: five seconds of processor time and 64 MiB
bounded()
{
	(
		ulimit -d 65536 -t 5
		exec timeout 60 "$VM_SRC/build/vfioguard" "$@"
	)
}

check "the patched core loads" load_patched
check "devices are bound" bind_vfio "$VM_E1000E" "$VM_NVME"
policy met "mode enforce" "default block rw unassigned audit" "allow w 8086:10d3 0x90"
check "the daemon runs" start_daemon "$policy_file"
guard learn start 2> err || not_ok "learning" "$(< err)"
vfio_cfg "$VM_E1000E" "w 80 4 deadbeef" "r 12c 4" > /dev/null
vfio_cfg "$VM_NVME" "w 200 4 deadbeef" > /dev/null
check "events are there" wait_for sh -c "'$VM_SRC/build/vfioguard' events | grep -q 0x200"

# --- stdout, and JSON ------------------------------------------------------------

shows=("status" "devices" "events" "metrics" "learn status" "learn show" "suggest"
	"suggest --loaded" "explain $VM_E1000E 0x80 w" "check --test met.expect --loaded $policy_file")
has_json=("status" "devices" "events" "learn status" "learn show" "suggest" "suggest --loaded"
	"explain $VM_E1000E 0x80 w")
echo "expect block 8086:10d3 w 0x80" > met.expect

bad=
for words in "${shows[@]}" "${has_json[@]/%/ --json}"; do
	# shellcheck disable=SC2086 # words
	{
		bounded $words > out 2> err
		got=$?
		[ "$got" = 0 ] && [ -s out ] || bad+="$words: $got, $(head -c 300 err)"$'\n'
		[[ $words != *--json ]] || keep_json out "${words//[ \/]/_}"
		# One way to lose it for each form, as a machine like this is slow.
		if [[ $words = *--json ]]; then
			bounded $words >&- 2> err
		else
			bounded $words > /dev/full 2> err
		fi
		got=$?
		[ "$got" = 9 ] && [ -s err ] || bad+="$words, lost: $got, $(head -c 300 err)"$'\n'
	}
done
is "$bad" "" "each command prints, and ends with 9 where that is lost"
# --- Files --------------------------------------------------------------------------

mkdir folder
mkfifo fifo
truncate -s 1G sparse
# Root reads whatever it is forbidden; the memory at 0 nobody does.
bad=
while read -r want things words; do
	for thing in ${things//,/ }; do
		# shellcheck disable=SC2086 # words
		bounded ${words//FILE/$thing} > out 2> err < /dev/null
		got=$?
		[ "$got" = "$want" ] && [ -s err ] ||
			bad+="${words//FILE/$thing}: $got, $(head -c 300 err)"$'\n'
	done
done << END
2 folder,fifo,/dev/zero,sparse,/proc/self/mem,missing load FILE
2 fifo,/dev/zero,sparse explain --policy FILE $VM_E1000E 0x80 w
2 fifo,sparse suggest --policy FILE
2 folder,/dev/zero suggest --library FILE
2 fifo,sparse check --test FILE --loaded $policy_file
2 folder,/dev/zero check --test met.expect --loaded FILE
1 folder,fifo,/dev/zero,sparse run --config FILE
END
is "$bad" "" "each file that is none of a policy ends with the documented status"
is "$(guard status --json | grep -c '"attached": true')" 1 "the policy is in force as before"

# --- Devices that do not answer -------------------------------------------------------

head -c 4096 /dev/zero | tr '\0' '\377' > ones4096
head -c 256 ones4096 > ones256
for size in 4096 256; do
	config=/sys/bus/pci/devices/$VM_E1000E/config
	mount --bind "ones$size" "$config"
	guard explain "$VM_E1000E" 0x80 w > out 2> err
	is "$?" 11 "$size bytes of ones: explain ends with 11"
	like "$(< err)" "$VM_E1000E does not answer: .*; say --region" "and asks for --region"
	like "$(guard explain --region unassigned "$VM_E1000E" 0x80 w 2>&1)" "^(would|blocked)" \
		"with that it answers"
	[ "$size" = 4096 ] || { umount "$config"; continue; }
	guard explain --policy "$policy_file" "$VM_E1000E" 0x80 w > out 2> err
	is "$?" 11 "so it does by a file"
	guard devices > out 2> err
	is "$?" 11 "devices ends with 11"
	like "$(grep "$VM_E1000E" out)" "DOES NOT ANSWER" "and marks it"
	is "$(grep "$VM_NVME" out | grep -c ANSWER)" 0 "and no other"
	guard devices --json > out 2> err
	is "$? $(grep -c '"answers": false' out)" "11 1" "in JSON as well"
	guard learn show > out 2> err
	is "$?" 11 "learn show ends with 11"
	like "$(< err)" "$VM_E1000E does not answer" "and says which"
	like "$(grep 0x080 out)" "unknown, as it does not answer" "of its register, too"
	guard suggest > out 2> err
	is "$?" 11 "suggest ends with 11"
	like "$(< err)" "$VM_E1000E does not answer" "and says which"
	umount "$config"
done
head -c 256 /sys/bus/pci/devices/"$VM_E1000E"/config > leads
printf '\377' | dd of=leads bs=1 seek=52 conv=notrunc 2> /dev/null
mount --bind leads "/sys/bus/pci/devices/$VM_E1000E/config"
guard explain "$VM_E1000E" 0x80 w > out 2> err
is "$?" 11 "capabilities that lead out of config space: 11"
like "$(< err)" "leads where there is none" "and it is said"
umount "/sys/bus/pci/devices/$VM_E1000E/config"
guard devices > out 2> err
is "$?" 0 "with its own config space it answers"
stop_daemon
done_testing
