# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tap.sh - what unit tests in shell share (sourced, after set -u).
#
#	$top			the checkout
#	$work			a folder that goes with the test
#	result STATUS NAME [FILE...]	a check, passed if STATUS is 0; else the FILEs
#				are shown, or $work/out and $work/err
#	is GOT WANTED NAME	two texts are the same
#	keep_json FILE		what a program printed, if that is JSON
#	done_testing		the plan; ends the test with 1 if a check failed

# shellcheck disable=SC2034 # not every test asks for it
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d) || exit 1
# Also what a test has closed to others.
trap 'chmod -R u+rwX "$work" 2>/dev/null; rm -rf "$work"' EXIT
n=0
failures=0

result()
{
	local status=$1 name=$2 file

	n=$((n + 1))
	if [ "$status" = 0 ]; then
		echo "ok $n - $name"
		return
	fi
	echo "not ok $n - $name"
	failures=$((failures + 1))
	shift 2
	[ $# -gt 0 ] || set -- "$work/out" "$work/err"
	for file; do
		[ ! -f "$file" ] || head -n 40 "$file" | cat -v | sed 's/^/# /'
	done
}

is()
{
	[ "$1" = "$2" ]
	result $? "$3" /dev/null
	[ "$1" = "$2" ] || printf '# got:      %s\n# expected: %s\n' "$1" "$2"
}

# keep_json FILE: if there is JSON in it, run.sh holds it against docs/schema/
json_kept=0
keep_json()
{
	json_kept=$((json_kept + 1))
	[ -z "${UNIT_JSON:-}" ] || ! grep -q '^{' "$1" ||
		cp "$1" "$UNIT_JSON/$(basename "$0").$$.$json_kept"
}

done_testing()
{
	echo "1..$n"
	[ "$failures" -eq 0 ]
	exit
}
