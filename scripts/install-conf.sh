#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/install-conf.sh DIR [RECORD]: install policies and vfioguard.conf to DIR, as a
# package would: what nobody edited follows the new version, what somebody edited or
# removed stays as it is and is named.
#
# RECORD is a file with the checksums of what was installed the last time.  Without one,
# and without a line of it for a file, whoever has the project's history can still tell
# an old version from an edited one.

. "$(dirname "$0")/common.sh"

dir=$1
record=${2:-}

cd "$TOP"
mapfile -t files < <(find policies -name '*.policy' | LC_ALL=C sort)
files+=(packaging/vfioguard.conf)
new=$(mktemp)
trap 'rm -f "$new"' EXIT

sum_of()
{
	sha256sum <"$1" | cut -d ' ' -f 1
}

# The checksum of what was installed as NAME, "" if nothing was.
recorded()
{
	[ -n "$record" ] && [ -e "$record" ] || return 0
	awk -v name="$1" '{
		sum = $1
		sub(/^[^ ]+  /, "")
		if ($0 == name)
			print sum
	}' "$record"
}

# was_ours FROM TO: is TO a version that FROM had once?
was_ours()
{
	local blob

	blob=$(git hash-object --no-filters "$2" 2>/dev/null) || return 1
	git rev-list --objects HEAD -- "$1" 2>/dev/null | grep -q "^$blob "
}

put()
{
	install -D -m 644 "$1" "$2"
	echo "$(sum_of "$1")  $3" >>"$new"
}

for from in "${files[@]}"; do
	name=${from#policies/}
	name=${name#packaging/}
	to=$dir/$name
	was=$(recorded "$name")
	if [ ! -e "$to" ] && [ ! -L "$to" ]; then
		if [ -z "$was" ]; then
			put "$from" "$to" "$name"
		else
			say "$to was removed and is not installed again"
			echo "$was  $name" >>"$new"
		fi
	elif cmp -s "$from" "$to"; then
		echo "$(sum_of "$from")  $name" >>"$new"
	elif [ ! -L "$to" ] && { [ "$(sum_of "$to")" = "$was" ] ||
		{ [ -z "$was" ] && was_ours "$from" "$to"; }; }; then
		say "$to follows the new version"
		put "$from" "$to" "$name"
	else
		say "$to was edited and stays; the new version is $TOP/$from"
		[ -z "$was" ] || echo "$was  $name" >>"$new"
	fi
done
[ -z "$record" ] || install -D -m 644 "$new" "$record"
