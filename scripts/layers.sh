#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/layers.sh [DIR]: does loader/ (or DIR, a copy of it) keep its order?
#
# Folders are listed from the top in FOLDERS; docs/structure.md draws them.  A
# file includes nothing from a folder above its own, no two files need each other,
# and neither files nor folders grow without end.  Says both files of each fault.
#
# The needs are read from the objects of the unit tests, which have not been
# through link-time optimisation: make unit.

. "$(dirname "$0")/common.sh"

FOLDERS="commands doctor answer daemon events lock maps force compile lint kernel policy util"
MAX_LINES=450
MAX_FILES=24

dir=${1:-$TOP/loader}
objects=$TOP/build/unit/loader
rc=0

cd "$dir"
mapfile -t files < <(find . -name '*.[ch]' | sed 's|^\./||' | sort)

# shellcheck disable=SC2016 # awk's own
awk -v folders="$FOLDERS" -v max_lines="$MAX_LINES" -v max_files="$MAX_FILES" '
	function fault(text) { print "loader/" text; rc = 1 }
	BEGIN {
		n = split(folders, name)
		for (i = 1; i <= n; i++)
			level[name[i]] = i
		level["."] = 0	# main.c
	}
	function folder_of(file) {
		return file ~ /\// ? substr(file, 1, index(file, "/") - 1) : "."
	}
	function end_file() {
		if (lines >= max_lines)
			fault(file " has " lines " lines; the longest may have " \
				max_lines - 1)
	}
	FNR == 1 {
		if (file)
			end_file()
		file = FILENAME
		folder = folder_of(file)
		known = folder in level
		if (!known)
			fault(file ": no folder " folder \
				" is in the order of scripts/layers.sh")
		else if (folder == "." && file != "main.c")
			fault(file ": only main.c lies outside the folders")
		if (++holds[folder] == max_files + 1)
			fault(folder " has more than " max_files " files")
	}
	{ lines = FNR }
	# Others are of bpf/, or made from it.
	/^#include ".*\/.*"$/ {
		header = substr($2, 2, length($2) - 2)
		to = folder_of(header)
		if (known && to in level && level[to] < level[folder])
			fault(file " includes loader/" header \
				", from a folder above its own")
	}
	END {
		end_file()
		exit rc
	}' "${files[@]}" || rc=1

# Who needs whom, by names that one file defines and another does not.
[ -d "$objects" ] || die "nothing is built yet; run: make unit"
cd "$objects"
needs=$(mktemp)
trap 'rm -f "$needs"' EXIT
# Those of files that are gone would only confuse.
for file in "${files[@]}"; do
	[ "${file%.c}" = "$file" ] || [ ! -e "${file%.c}.o" ] || echo "${file%.c}.o"
done | xargs nm -A -P | awk '
	{
		file = substr($0, 1, index($0, ".o:") - 1) ".c"
		symbol = $2
	}
	$3 ~ /^[TDBRCV]$/ { by[symbol] = file }
	$3 == "U" { needs[++n] = file " " symbol }
	END {
		for (i = 1; i <= n; i++) {
			split(needs[i], f, " ")
			if (f[2] in by && by[f[2]] != f[1])
				print f[1], by[f[2]]
		}
	}' | sort -u >"$needs"
# It names the files of each circle.
if ! circle=$(tsort "$needs" 2>&1 >/dev/null); then
	echo "these files of loader/ need each other:" \
		"$(sed -n 's/^tsort: \(.*\.c\)$/\1/p' <<<"$circle" | xargs)"
	rc=1
fi

exit "$rc"
