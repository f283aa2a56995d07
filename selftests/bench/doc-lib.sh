# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# doc-lib.sh - docs/benchmarks.md, for those who measure. They set $top first.
#
#	check_section MARKER		die if the document has no such section
#	put_section MARKER FILE		make it what FILE holds
#	die TEXT...
#
# A section stands between the lines <!-- MARKER:begin --> and <!-- MARKER:end -->.

: "${top:?}"
doc=$top/docs/benchmarks.md

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

check_section()
{
	[ "$(grep -cE "^<!-- $1:(begin|end) -->\$" "$doc")" = 2 ] ||
		die "$doc has no section $1"
}

put_section()
{
	local new

	new=$(awk -v section="$2" -v marker="$1" '
		$0 == "<!-- " marker ":end -->" { skip = 0 }
		!skip
		$0 == "<!-- " marker ":begin -->" {
			while ((getline line < section) > 0)
				print line
			skip = 1
		}' "$doc")
	printf '%s\n' "$new" > "$doc"
}
