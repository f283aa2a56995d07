#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# manuals.sh PROGRAM: the manual pages are clean, name every command, and their
# examples do what they say.  Prints TAP.
#
# The line above an example says what it is:
#
#	; example: policy		vfioguard check takes it without a finding
#	; example: policy-error TEXT	refuses it, and says TEXT
#	; example: expect		holds for the policy example before it
#	; example: conf			vfioguard check --config takes it
#	; example: conf-error TEXT	refuses it, and says TEXT
#	; example: command		each line is a command with its options; run
#					in selftests/vm/tests/28-manuals.sh
#	; example: json			valid, as docs/schema/ has it
#	; example: caps			names of capabilities, all of their kind
#	; example: ausearch		run there, too
#	; example: bpftool		run by tests of the maps
#	; example: none			nothing of ours

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
program=$(realpath "$1")

"$top/scripts/man.sh" "$program" "$work/man" 2>"$work/log"
result $? "the pages are made" "$work/log"

# --- The pages ----------------------------------------------------------------

for page in "$work"/man/*; do
	name=$(basename "$page")
	mandoc -Tlint -Wwarning "$page" >"$work/log" 2>&1
	result $? "$name: mandoc has no warning" "$work/log"
	# Of how the words of a narrow column are spaced groff 1.23 complains.
	LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 -Z \
		"$page" 2>&1 >/dev/null | grep -v 'cannot adjust line' >"$work/log"
	[ ! -s "$work/log" ]
	result $? "$name: groff has no warning" "$work/log"
	! grep -n '@[A-Z]*@' "$page" >"$work/log"
	result $? "$name: everything is filled in" "$work/log"
done

# --- The commands -------------------------------------------------------------

# From the page as it is read, and from the help as it is read.
in_manual=$(MANWIDTH=200 LC_ALL=C.UTF-8 man -l "$work/man/vfioguard.8" 2>/dev/null |
	sed -n '/^SYNOPSIS/,/^DESCRIPTION/s/^ *vfioguard \([a-z]*\)\( .*\)*$/\1/p' |
	grep -v '^help$' | sort | xargs)
in_help=$("$program" help | sed -n 's/^  \([a-z]*\) .*/\1/p' | sort | xargs)
is "$in_manual" "$in_help" "the manual's synopsis has the commands of 'help'"
headings=$(MANWIDTH=200 LC_ALL=C.UTF-8 man -l "$work/man/vfioguard.8" 2>/dev/null |
	sed -n '/^COMMANDS/,/^EXIT/s/^       \([a-z]*\)\( .*\)*$/\1/p' | sort | xargs)
is "$headings" "$in_help" "and so has its section COMMANDS"
is "$(sed -n 's/^@ //p' "$top/man/commands.scd" | while read -r c; do
	grep -qw "$c" <<<"$in_help" || echo "$c"
done)" "" "man/commands.scd tells of no other command"
is "$(sed -n '/^# EXIT STATUS/,/^# SIGNALS/s/^\*\([0-9]*\)\*$/\1/p' \
	"$top/man/vfioguard.8.scd" | xargs)" \
	"$(sed -n 's/^\tVG_EXIT_[A-Z_]* = \([0-9]*\),.*/\1/p' \
		"$top/loader/util/exit_codes.h" | xargs)" \
	"the exit statuses are those of the program"
is "$(sed -n 's/^\*\([a-z_]*\)\* = .*/\1/p' "$top/man/vfioguard.conf.5.scd" |
	sort | xargs)" \
	"$(sed -n '/keys\[\] = {/,/^}/p' "$top/loader/daemon/config.c" |
		grep -o '"[a-z_]*"' | tr -d '"' | sort | xargs)" \
	"vfioguard.conf(5) has every key"

# --- The examples ---------------------------------------------------------------

# One command line: the command is there, and so are its options.
known_command()
{
	local line=$1 table synopsis word rc=0

	read -r -a words <<<"$line"
	[ "${words[0]}" = vfioguard ] || rc=1
	table=$("$program" --commands)
	synopsis=$(awk -F '\t' -v name="${words[1]}" \
		'$1 == name { print $2 " " }' <<<"$table")
	[ -n "$synopsis" ] || rc=1
	for word in "${words[@]:2}"; do
		[[ $word != --* ]] || grep -qE -e "$word([] |]|\$)" <<<"$synopsis" || rc=1
	done
	return "$rc"
}

# ids are off: which pci.ids the machine has is nothing the manual knows.
run_example()
{
	local kind=$1 text=$2 file=$3 line rc=0

	case $kind in
	policy)
		cp "$file" "$work/last.policy"
		"$program" check --no-ids "$file" && ! grep -q warning "$work/log"
		;;
	policy-error)
		! "$program" check --no-ids "$file" && grep -q -e "$text" "$work/log"
		;;
	expect)
		"$program" check --no-ids --test "$file" "$work/last.policy"
		;;
	conf)
		"$program" check --config "$file"
		;;
	conf-error)
		! "$program" check --config "$file" && grep -q -e "$text" "$work/log"
		;;
	command)
		while IFS= read -r line; do
			known_command "$line" || { echo "$line"; rc=1; }
		done <"$file"
		return "$rc"
		;;
	json)
		"$top/scripts/schemas.py" --documents "$file"
		;;
	caps)
		tr ' ' '\n' <"$file" >>"$work/caps"
		;;
	bpftool | ausearch)
		! grep -v "^$kind " "$file"
		;;
	none) ;;
	*)
		echo "no kind of example: '$kind'"
		return 1
		;;
	esac
}

for source in "$top"/man/*.scd; do
	name=$(basename "$source" .scd)
	rm -rf "$work/examples"
	mkdir "$work/examples"
	awk -v dir="$work/examples" -f "$top/selftests/unit/examples.awk" "$source"
	for kind in "$work"/examples/*.kind; do
		[ -e "$kind" ] || continue
		read -r word text <"$kind"
		# Sanitized or not, what it says is in the log.
		run_example "$word" "$text" "${kind%.kind}" >"$work/log.out" 2>"$work/log"
		rc=$?
		cat "$work/log.out" >>"$work/log"
		result "$rc" "$name: example $(basename "$kind" .kind), $word" "$work/log"
	done
done
is "$(sort "$work/caps" | xargs)" \
	"$(sed -n '/vg_caps\[\] = {/,/^}/s/^\t{ "\([a-z0-9]*\)".*/\1/p' \
		"$top/loader/policy/caps.c" | sort | xargs)" \
	"every capability's name is in the manual"

done_testing
