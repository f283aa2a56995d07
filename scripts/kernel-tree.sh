#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/kernel-tree.sh open|save: work on the series as commits.  SERIES in the
# environment says which, 6.12 if it does not.
#
# open  puts the files the series touches under git in build/kernel/SERIES, with
#       the series applied by git am; edit there, commit, rebase
# save  writes the commits back to kernel-patches/SERIES

. "$(dirname "$0")/common.sh"

tree=$TOP/build/kernel/$SERIES
patches=$TOP/kernel-patches/$SERIES

open_tree()
{
	local source

	[ ! -d "$tree/.git" ] ||
		die "$tree is there already; save or remove it first"
	[ -d "$patches" ] ||
		die "there is no series $SERIES; kernel-patches/ has: $(cd "$TOP/kernel-patches" && echo [0-9]*)"
	source=$("$TOP/scripts/kernel-source.sh")
	mkdir -p "$tree"
	cp -r "$source/drivers" "$source/Documentation" "$source/MAINTAINERS" \
		"$source/include" "$tree/"
	if [ -d "$source/tools/testing" ]; then
		mkdir -p "$tree/tools"
		cp -r "$source/tools/testing" "$tree/tools/"
	fi
	git -C "$tree" init -q
	git -C "$tree" add -A
	git -C "$tree" -c user.name=base -c user.email=base@localhost \
		commit -q -m "$(basename "$source")"
	git -C "$tree" tag base
	if compgen -G "$patches/[0-9]*.patch" >/dev/null; then
		git -C "$tree" am -q "$patches"/[0-9]*.patch
	fi
	echo "$tree"
}

save_tree()
{
	[ -d "$tree/.git" ] || die "no $tree; run: make kernel-tree SERIES=$SERIES"
	[ -z "$(git -C "$tree" status --porcelain)" ] ||
		die "$tree has uncommitted changes; commit them first"
	rm -f "$patches"/[0-9]*.patch
	mkdir -p "$patches"
	# No signature and a zero hash: unchanged commits give unchanged files.
	git -C "$tree" format-patch -q --no-signature --zero-commit \
		--no-numbered -o "$patches" base
}

case ${1:-} in
open) open_tree ;;
save) save_tree ;;
*) die "usage: scripts/kernel-tree.sh open|save" ;;
esac
