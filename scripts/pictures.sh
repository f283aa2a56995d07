#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/pictures.sh: the pictures of the README, from a run of the demo.
#
# What stands in them is what the demo printed, but for the checkout's own path,
# which is left out.  docs/pictures/demo.svg has two of the scenes and the table,
# status.svg what `vfioguard status` and `vfioguard events` say in scene b.

. "$(dirname "$0")/common.sh"

screen=$TOP/build/demo/screen.txt
pictures=$TOP/docs/pictures
mkdir -p "$(dirname "$screen")" "$pictures"

make -s --no-print-directory -C "$TOP" demo | sed "s|$TOP/||g" >"$screen" ||
	die "the demo failed, see ${screen#"$TOP"/}"

# picture NAME: from what stands on stdin
picture()
{
	awk -f "$TOP/scripts/text-svg.awk" >"$pictures/$1.svg"
	say "docs/pictures/$1.svg"
}

# scene LETTER: what was shown of it
scene()
{
	sed -n "/^=== Scene $1:/,/^\(=== Scene [^$1]\|   scene\)/p" "$screen" | sed '$d'
}

{
	scene a
	scene b | sed '/^host# vfioguard events/,/counts one blocked access/d'
	sed -n '/^   scene/,/^d /p' "$screen"
} | picture demo
scene b | sed -n '/^host# vfioguard events/,/name$/p; /^ *0000:01:00.0 /p' | picture status
