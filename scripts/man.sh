#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/man.sh PROGRAM OUT: the manual pages, from man/*.scd to the folder OUT.
#
# The commands in vfioguard(8) are those that PROGRAM has, with what it says of
# them; man/commands.scd adds to that.

. "$(dirname "$0")/common.sh"

program=$1
out=$2
version=$("$program" --version | awk '{ print $2 }')

# Text that scdoc takes as it stands.
plain()
{
	sed -e 's/[][\\*_#]/\\&/g' -e 's/</\\</g'
}

synopsis()
{
	local name arguments _

	while IFS=$'\037' read -r name arguments _; do
		printf '*vfioguard %s* %s++\n' "$name" "$(plain <<<"$arguments")"
	done < <(table) | sed '$s/++$//'
}

# A tab between two tabs is a blank to `read`, so an empty field would be lost.
table()
{
	"$program" --commands | tr '\t' '\037'
}

# The text of one command in man/commands.scd, each line in an item.
detail()
{
	awk -v name="$1" '
		/^;/ { next }
		/^@ / { on = $2 == name; next }
		on { print "\t" $0 }' "$TOP/man/commands.scd"
}

commands()
{
	local name arguments help text

	while IFS=$'\037' read -r name arguments help; do
		printf '*%s* %s\n' "$name" "$(plain <<<"$arguments")"
		printf '\t%s.\n' "$(plain <<<"${help^}")"
		text=$(detail "$name")
		[ -z "$text" ] || printf '\n%s\n' "$text"
		echo
	done < <(table)
}

# In the first line man looks for what a page goes through: its tables through tbl.
# scdoc writes more paragraph marks than there are paragraphs, .P or .PP by its version.
tidy()
{
	awk -v tables="$(grep -c '^\.TS' "$1")" '
		NR == 1 && tables { print "'"'"'\\\" t" }
		$0 == ".P" || $0 == ".PP" { held = 1; next }
		$0 == ".RE" { print; next }
		held && !/^\.(SH|SS|TH)/ && last !~ /^\.(SH|SS|TH)/ { print ".P" }
		{ held = 0; print; last = $0 }' "$1"
}

mkdir -p "$out"
synopsis >"$out/.synopsis"
commands >"$out/.commands"
for page in "$TOP"/man/*.[0-9].scd; do
	name=$(basename "$page" .scd)
	sed -e "/^@SYNOPSIS@\$/{r $out/.synopsis
d}" -e "/^@COMMANDS@\$/{r $out/.commands
d}" -e "s/@VERSION@/$version/" "$page" >"$out/.scd"
	# The date of the page is that of the source, so that two builds agree.
	SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(stat -c %Y "$page")} \
		scdoc <"$out/.scd" >"$out/.page" ||
		die "$page is not what scdoc can read"
	tidy "$out/.page" >"$out/$name"
done
rm -f "$out"/.synopsis "$out"/.commands "$out"/.scd "$out"/.page
