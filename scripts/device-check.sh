#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/device-check.sh VFIOGUARD [FOLDER [EXPECTATIONS]]: holds the device
# library against what it promises, and says on stderr what is wrong with it.
#
# An entry says what the device is, what is the matter with it, why, and where
# that is known from; its rules do what its class says and carry the class as
# the first part of their key.  The library has no error, no warning and no
# contradiction.  Each file meets its expectations and has one for each place of
# each entry: without the rules for that place an expectation fails.

. "$(dirname "$0")/common.sh"

vfioguard=$1
folder=${2:-policies/devices}
expectations=${3:-policies/tests/devices}
pci_ids=/usr/share/misc/pci.ids
US=$'\037'
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
declare -A named
rc=0

complain()
{
	echo "$*" >&2
	rc=1
}

# How the rules of a class start: verdict, access, device and place.
declare -A class_rule=(
	[needed]='^allow (r|w|rw) [^ ]+ [^ ]+ '
	[hang]='^block (r|w|rw) [^ ]+ [^ ]+ '
	[dangerous]='^block (r|w|rw) [^ ]+ [^ ]+ '
	[silent]='^block w [^ ]+ [^ ]+ silent '
)

# A name at its end says what a device is that pci.ids does not know.
check_name()
{
	local at=$1 rule=$2 device

	read -r _ _ device _ <<<"$rule"
	[[ ! $device =~ ^[0-9a-f]{4}:[0-9a-f]{4}$ || -v named[$device] ]] ||
		complain "$at: pci.ids has no $device; write its name behind" \
			"the first rule for it: # NAME"
}

check_rule()
{
	local at=$1 class=$2 rule=$3

	[[ $rule =~ ${class_rule[$class]} ]] ||
		complain "$at: a rule of the class '$class' can't be '$rule'"
	[[ $class == silent || ! $rule =~ \ silent( |$) ]] ||
		complain "$at: what is '$class' is to be reported: no 'silent'"
	[[ $rule =~ \ key=$class(-[^ ]+)?( |$) ]] ||
		complain "$at: the key must start with the class: key=$class-..."
	check_name "$at" "$rule"
}

# Rules and class must fit; classes without rules say why there is none.
check_entry()
{
	local file=$1 line=$2 device=$3 class=$4 ids=$5 rules=$6 lines=$7
	local -a rule at
	local i

	IFS=$US read -r -a rule <<<"$rules"
	IFS=$US read -r -a at <<<"$lines"
	case $class in
	needed | hang | dangerous | silent)
		[ "${#rule[@]}" -gt 0 ] ||
			complain "$file:$line: '$device' has no rule"
		;;
	unknown-register | no-rule)
		[ "${#rule[@]}" -eq 0 ] ||
			complain "$file:$line: the class '$class' has no rules"
		[ -n "$ids" ] || complain "$file:$line: '$device' has no 'ids:'"
		return 0
		;;
	*)
		complain "$file:$line: there is no class '$class'"
		return 0
		;;
	esac
	for i in "${!rule[@]}"; do
		check_rule "$file:${at[i]}" "$class" "${rule[i]}"
	done
}

# Prints how many expectations a policy does not meet.
unmet()
{
	# It fails when there is one.
	{ "$vfioguard" check --no-ids --json --test "$1" "$2" || true; } |
		sed -n 's/.*"unmet": *\([0-9]*\).*/\1/p'
}

# A library file behind defaults that differ from what its rules do: where the
# default reports nothing and reads are blocked, and where it reports.
wraps=('rw unassigned silent' 'w unassigned audit')
wrap()
{
	printf '%s\n' "default block $2" "include $1" >"$tmp/wrap.policy"
}

# Prints the lines of the rules for one place of an entry, one place a line, as a
# sed script that deletes them.
place_lines()
{
	local rules=$1 lines=$2

	paste -d ' ' <(tr "$US" '\n' <<<"$lines") <(tr "$US" '\n' <<<"$rules") |
		awk '{ place = $3 " " $5 " " ($6 ~ /^(value|wmask)=/ ? $6 : "")
			if (!(place in script))
				order[++nr] = place
			script[place] = script[place] $1 "d;" }
			END { for (i = 1; i <= nr; i++)
				print script[order[i]] " # " order[i] }'
}

# Does an expectation fail without the rules for each place of the entry?
check_covered()
{
	local file=$1 line=$2 device=$3 rules=$4 lines=$5 expect=$6
	local -A with
	local default script place without

	for default in "${wraps[@]}"; do
		wrap "$(realpath "$file")" "$default"
		with[$default]=$(unmet "$expect" "$tmp/wrap.policy")
	done
	while IFS='#' read -r script place; do
		sed "$script" "$file" >"$tmp/left.policy"
		for default in "${wraps[@]}"; do
			wrap "$tmp/left.policy" "$default"
			without=$(unmet "$expect" "$tmp/wrap.policy")
			[ "${without:-0}" -le "${with[$default]:-0}" ] ||
				continue 2
		done
		complain "$file:$line: no expectation of $expect needs" \
			"'$device':$place"
	done < <(place_lines "$rules" "$lines")
}

# Under the entry's name: what it does, and what it leaves alone.
check_expectations()
{
	local file=$1 line=$2 device=$3 rules=$4 lines=$5
	local expect

	expect=$expectations/$(basename "$file" .policy).expect
	if [ ! -f "$expect" ]; then
		complain "$file: no $expect"
		return
	fi
	awk -v name="# $device" '/^#/ { here = $0 == name }
		here && /^expect/ { seen[$2] = 1 }
		END { exit !(("allow" in seen) && ("block" in seen)) }' "$expect" ||
		complain "$file:$line: $expect has not both an allow and a" \
			"block below '# $device'"
	check_covered "$file" "$line" "$device" "$rules" "$lines" "$expect"
}

cd "$TOP"
awk -f scripts/device-entries.awk "$folder"/*.policy >"$tmp/entries" || rc=1
cut -f4 "$tmp/entries" | sort | uniq -d | while read -r device; do
	echo "$folder: '$device' stands there twice" >&2
	false
done || rc=1

# Devices that pci.ids names, or a rule itself.
while read -r device; do
	named[$device]=1
done < <(
	# Only of vendors in the library: the whole list is long.
	cut -f6 "$tmp/entries" | tr -s ' ' '\n' | cut -d: -f1 | sort -u |
		awk 'NR == FNR { wanted[$1] = 1; next }
			/^C / { exit }
			/^[0-9a-f]/ { vendor = $1 }
			/^\t[0-9a-f]/ && vendor in wanted {
				print vendor ":" $1
			}' - "$pci_ids"
	sed -n 's/^\(allow\|block\) [rw]* \([^ ]*\) .* # .*/\2/p' \
		"$folder"/*.policy
)

# Of tabs, read would take several for one.
tr '\t' '\001' <"$tmp/entries" >"$tmp/fields"
while IFS=$'\001' read -r file line _ device class ids _ _ _ _ rules lines; do
	check_entry "$file" "$line" "$device" "$class" "$ids" "$rules" "$lines"
done <"$tmp/fields"
# What is not of the form can't be tried out.
[ "$rc" = 0 ] || exit 1

# As a whole for contradictions, and each alone against its expectations.
"$vfioguard" check "$folder" >"$tmp/out" 2>&1 || rc=1
if ! grep -q ': [0-9]* rules\?, 0 errors, 0 warnings$' "$tmp/out"; then
	cat "$tmp/out" >&2
	rc=1
fi
for file in "$folder"/*.policy; do
	expect=$expectations/$(basename "$file" .policy).expect
	[ -f "$expect" ] || continue
	"$vfioguard" check --no-ids --test "$expect" "$file" >"$tmp/out" 2>&1 || {
		cat "$tmp/out" >&2
		rc=1
	}
done
while IFS=$'\001' read -r file line _ device _ _ _ _ _ _ rules lines; do
	[ -z "$rules" ] ||
		check_expectations "$file" "$line" "$device" "$rules" "$lines"
done <"$tmp/fields"
for expect in "$expectations"/*.expect; do
	[ -f "$folder/$(basename "$expect" .expect).policy" ] ||
		complain "$expect: no $folder/$(basename "$expect" .expect).policy"
done
exit "$rc"
