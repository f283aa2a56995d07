#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/names.sh [DIR]: is there what texts name?  In this tree, or in DIR, a copy
# of it.  Says the file, the line and the name of each fault.
#
# - a path from the top of the tree, in any text: loader/util/log.c, docs/design.md
# - what a link in a document points to
# - the source of an object that a make rule names
# - in docs/structure.md the functions of each step, in the file of the step, and
#   the folders of loader/ in the order of scripts/layers.sh

. "$(dirname "$0")/common.sh"

cd "${1:-$TOP}"
structure=docs/structure.md
folders='bpf|docs|kernel-patches|loader|man|packaging|policies|scripts|selftests'
rc=0

# fault FILE LINE TEXT
fault()
{
	echo "$1:$2: $3"
	rc=1
}

# Patches and letters speak of the kernel's tree; the corpora of nothing; tests of
# linters name what is not there.
mapfile -t texts < <(find . \( -path ./build -o -path ./.git \
	-o -path ./selftests/fuzz/corpus -o -path ./selftests/unit/mistakes \) \
	-prune -o -type f -not -name '*.patch' -not -name cover-letter.txt \
	-not -path './selftests/unit/layers.sh' \
	-not -path './selftests/unit/names.sh' -print | sed 's|^\./||' | sort)

# Behind a slash or a < it is a path of another tree, and two names are the kernel's
# wherever they stand.  What is made has no source; NAME and % stand for any.
while IFS=: read -r file line name; do
	name=${name#[!a-z]}
	case $name in
	*.o | *.skel.h | *NAME* | */SERIES | *_) continue ;;
	selftests/vfio* | scripts/checkpatch.pl) continue ;;
	esac
	compgen -G "$name" >/dev/null ||
		fault "$file" "$line" "there is no $name"
done < <(grep -noIE "(^|[][:space:]\`\"'(])($folders)/[A-Za-z0-9_.*/-]*[A-Za-z0-9_*]" \
	"${texts[@]}" /dev/null)

while IFS=: read -r file line name; do
	name=${name#](}
	name=${name%%[)#]*}
	[[ $file != */* ]] || name=${file%/*}/$name
	[ -e "$name" ] || fault "$file" "$line" "there is no $name"
done < <(grep -noE '\]\([^):]+\)' ./*.md ./*/*.md ./*/*/*.md | sed 's|^\./||')

while IFS=: read -r file line name; do
	name=${name#)/}
	[ -e "${name%.o}.c" ] || fault "$file" "$line" "there is no ${name%.o}.c"
done < <(grep -noE '\)/(loader|bpf|selftests)/[A-Za-z0-9_./-]*\.o\b' \
	Makefile ./*/*/*.mk | sed 's|^\./||')

# defines FILE NAME: is the function in it, or in what the series does to it?
defines()
{
	if [[ $1 = drivers/* ]]; then
		sed -n "\\|^+++ b/$1\$|,\\|^diff |p" kernel-patches/6.12/*.patch |
			grep -E "^(@@|\+).*\\b$2\\(" >/dev/null
	else
		grep -qE "^[A-Za-z_].*\\b$2\\(|^$2\\(|^int BPF_PROG\\($2\\b" "$1"
	fi
}

# | file | functions | ... |, an empty cell for the file above
step=
# shellcheck disable=SC2016 # backticks of the text
while IFS=: read -r line row; do
	IFS='|' read -r _ file functions _ <<<"$row"
	file=${file//[\` ]/}
	step=${file:-$step}
	if [[ $step != drivers/* && ! -e $step ]]; then
		fault "$structure" "$line" "there is no $step"
		continue
	fi
	for name in ${functions//[\`,]/ }; do
		defines "$step" "${name%()}" ||
			fault "$structure" "$line" "$step has no $name"
	done
done < <(grep -nE '^\| *(`[a-z].*` *)?\| *`[a-z_]+\(\)' "$structure")
[ -n "$step" ] || fault "$structure" 1 "it has no steps"

order=$(sed -n 's/^FOLDERS="\(.*\)"/\1/p' "$TOP/scripts/layers.sh")
drawn=$(sed -n '/^## loader/,/^## /s|^\t\([a-z]*\)/[[:space:]].*|\1|p' "$structure" | xargs)
[ "$drawn" = "$order" ] || fault "$structure" 1 \
	"it draws the folders $drawn, and in scripts/layers.sh they are $order"

exit "$rc"
