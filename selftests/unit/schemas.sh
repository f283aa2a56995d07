#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# schemas.sh: scripts/schemas.py notices what it is there for: a schema that was changed
# and has no new version, in a copy of the tree, and documents that are none.  Prints TAP.

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
schemas=$top/scripts/schemas.py
copy=$work/copy

copy()
{
	rm -rf "$copy"
	mkdir -p "$copy/loader/util" "$copy/docs"
	cp "$top/loader/util/json_writer.h" "$copy/loader/util"
	cp -r "$top/docs/schema" "$copy/docs"
	git -C "$copy" init -q
	git -C "$copy" add .
	git -C "$copy" -c user.name=x -c user.email=x@example.org commit -qm x
}

# refused NAME TEXT
refused()
{
	! "$schemas" --lint "$copy" >"$work/out" 2>"$work/err" && grep -qF -- "$2" "$work/out"
	result $? "$1"
}

passes()
{
	"$schemas" --lint "$copy" >"$work/out" 2>"$work/err"
	result $? "$1"
}

status=$copy/docs/schema/status.json
copy
passes "the schemas as they are"
sed -i '0,/"policy": {/s//"new": {"type": "string"},\n\t\t"policy": {/' "$status"
refused "a new member" "status.json was changed: give it a new version"
sed -i 's/"const": "1.0"/"const": "1.1"/' "$status"
refused "a new version in the schema alone" \
	"status.json is version 1.1, loader/util/json_writer.h has 1.0"
sed -i '/VG_JSON_STATUS/s/1\.0/1.1/' "$copy/loader/util/json_writer.h"
refused "and in the program, not noted" "status.json was changed"
"$schemas" --versions "$copy"
passes "noted"
is "$(grep -c '^status ' "$copy/docs/schema/VERSIONS")" 2 "beside the version before"

copy
sed -i '0,/"the file or folder/s//"what/' "$status"
! git -C "$copy" diff --quiet
result $? "another description:"
passes "that needs no version"
sed -i '0,/"required": \[/s//"required": [ "trouble",/' "$status"
hash=$(sed -n 's/^status 1.0 //p' "$copy/docs/schema/VERSIONS")
sed -i '/^status /d' "$copy/docs/schema/VERSIONS"
"$schemas" --versions "$copy"
refused "a line of VERSIONS for another" "VERSIONS: 'status 1.0 $hash' is gone"
copy
sed -i 's/^event 1.0/event 1.2/; $a event 1.1 0' "$copy/docs/schema/VERSIONS"
refused "versions that go back" "'event 1.1 0' does not come after 'event 1.2"
copy
rm "$copy/docs/schema/check.json"
refused "a document without a schema" "there is no docs/schema/check.json"

# --- Documents -------------------------------------------------------------------

good='{"schema":"learn-status","version":"1.0","learning":false,"mode":"enforce","mode_before":"enforce","entries":0,"room":1,"lost":0}'

# documents NAME STATUS TEXT: of the file d, with TEXT in what is said
documents()
{
	local got

	"$schemas" --documents "$work/d" >"$work/out" 2>"$work/err"
	got=$?
	[ "$got" = "$2" ] && grep -qF -- "$3" "$work/out"
	result $? "$1"
}

sed -n 's/^\t\({"\)/\1/p' "$top"/docs/*.md >"$work/d"
documents "the samples in docs/" 0 ", 0 not valid"
echo "$good" >"$work/d"
documents "a document" 0 "1 documents, 0 not valid"
printf 'vfioguard: ready\n%s\n%s\n' "$good" "$good" >"$work/d"
documents "two in a log" 0 "2 documents, 0 not valid"
echo "${good/,\"lost\":0/}" >"$work/d"
documents "one that lacks a member" 1 "'lost' is a required property"
echo "${good/\"lost\"/\"more\":1,\"lost\"}" >"$work/d"
documents "one with a member that is not described" 1 "'more' was unexpected"
echo "${good/1.0/1.1}" >"$work/d"
documents "one of another version" 1 "at 'version'"
echo "${good/learn-status/learn}" >"$work/d"
documents "one of no schema" 1 "no schema 'learn'"
echo "${good%?}" >"$work/d"
documents "one that was cut off" 1 "no JSON"
echo >"$work/d"
documents "none" 1 "0 documents"
done_testing
