# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ktap.sh - results of the kernel's own tests as ours. Source it behind guest-lib.sh.
#
#	ktap NAME FILE		each result in FILE becomes a test line; a plan that
#				is missing or not kept is a failure
#	run_kselftest NAME [ARG...]	run a program of the tree's selftests/vfio;
#				a status other than its results say is a failure

# shellcheck disable=SC2154,SC2094 # tap_failed is lib/tap.sh's; the file is only read

kselftests=/lib/modules/$VM_KVER/selftests/vfio

ktap()
{
	local name=$1 file=$2 line plan='' n=0

	while IFS= read -r line; do
		case $line in
		1..*) plan=${line#1..} ;;
		"ok "*"# SKIP"*)
			n=$((n + 1))
			line=${line#ok * }
			skip "$name: ${line%% *# SKIP*}" "${line#*# SKIP }"
			;;
		"ok "*)
			n=$((n + 1))
			ok "$name: ${line#ok * }"
			;;
		"not ok "*)
			n=$((n + 1))
			not_ok "$name: ${line#not ok * }" "$(tail -n 60 "$file")"
			;;
		esac
	done < "$file"
	[ "$n" -gt 0 ] && [ "$plan" = "$n" ] && return
	not_ok "$name: runs to its end" "the plan is '$plan', there are $n results:"$'\n'"$(tail -n 20 "$file")"
}

run_kselftest()
{
	local name=$1 rc bad

	shift
	# The program writes its own name before its BPF object's.
	"$kselftests/$name" "$@" > "/run/vm/$name.ktap" 2>&1
	rc=$?
	# As a whole, with no plan or one of nothing
	if [ "$rc" = 4 ] && ! grep -q '^1\.\.[1-9]' "/run/vm/$name.ktap"; then
		skip "$name" "$(tail -n 1 "/run/vm/$name.ktap")"
		return
	fi
	bad=$tap_failed
	ktap "$name" "/run/vm/$name.ktap"
	[ "$rc" = 0 ] || [ "$tap_failed" -gt "$bad" ] ||
		not_ok "$name: exit status" "$rc though nothing failed"
}
