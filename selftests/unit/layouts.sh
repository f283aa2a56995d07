#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# layouts.sh CONFIG-SPACE: what is made from selftests/layouts/ is read back to the same
# blocks, and lspci finds the same capabilities in it.

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
make_space=$(realpath "$1") || exit 1
cd "$top" || exit 1
layouts=selftests/layouts
slot=00:00.0

# The devices of a file, as lspci -xxxx prints them.
as_lspci()
{
	local nr all

	all=$("$make_space" -l "$1" | wc -l)
	for ((nr = 1; nr <= all; nr++)); do
		echo "$slot Device $nr"
		"$make_space" "$1" "$nr" | od -An -v -tx1 -w16 |
			awk '{ sub(/^ /, ""); printf "%02x: %s\n", 16 * n++, $0 }'
		echo
	done
}

# A block without what its config space does not say.
bare()
{
	# A virtual function has no ids of its own.
	sed -E '/ vf$/s/^device [^ ]*/device ffff:ffff/' "$1" |
		grep -vE $'^(#|$|\t(name|source) )'
}

for file in "$layouts"/*.layout; do
	as_lspci "$file" >"$work/text"
	bare "$file" >"$work/want"
	"$layouts/from-lspci.py" "$work/text" >"$work/made" 2>"$work/err"
	bare "$work/made" | diff "$work/want" - >"$work/out"
	result $? "$(basename "$file") comes back from lspci's text" "$work/err" "$work/out"

	# Its own decoder's capabilities, in the order of the list.
	sed "s/^$slot Device/&/" "$work/text" | lspci -nn -vv -F /dev/stdin 2>/dev/null |
		sed -nE 's/^\tCapabilities: \[([0-9a-f]+)[] ].*/0x\1/p' >"$work/lspci"
	sed -nE 's/^\te?cap (0x[0-9a-f]+) .*/\1/p' "$file" >"$work/want"
	diff "$work/want" "$work/lspci" >"$work/out"
	result $? "lspci finds the capabilities of $(basename "$file")" "$work/out"
done

# Texts that are no config space, or none of a device that is there.
try()
{
	local name=$1 status=$2 words=$3

	"$layouts/from-lspci.py" "$work/text" >"$work/out" 2>"$work/err"
	[ $? = "$status" ] && grep -q "$words" "$work/err" && ! grep -q ^device "$work/out"
	result $? "$name"
}

echo "00:01.0 Host bridge: Something" >"$work/text"
try "a text without bytes" 1 "no config space"
{
	echo "$slot Half of one"
	for i in 0 1 2 3; do
		echo "${i}0: 86 80 d3 10 00 00 00 00 00 00 00 00 00 00 00 00"
	done
} >"$work/text"
try "64 bytes, as users see them" 1 "as root"
sed -i '/^20/d' "$work/text"
try "a line is missing" 1 "bytes are missing"
{
	echo "$slot Dead"
	for i in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do
		echo "${i}0: ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff"
	done
} >"$work/text"
try "a device that does not answer" 1 "does not answer"

# Serial numbers and addresses stay out.
{
	echo "$slot Secret"
	head -c 4096 /dev/zero | tr '\0' '\276' | od -An -v -tx1 -w16 |
		awk '{ sub(/^ /, ""); printf "%02x: %s\n", 16 * n++, $0 }'
} | sed -e 's/^00:.*/00: 86 80 d3 10 07 04 10 00 00 00 00 02 00 00 00 00/' \
	-e 's/^30:.*/30: 00 00 00 00 40 00 00 00 00 00 00 00 00 00 00 00/' \
	-e 's/^20:.*/20: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00/' \
	-e 's/^40:.*/40: 10 00 02 00 be be be be be be be be be be be be/' \
	-e 's/^100:.*/100: 03 00 01 00 be be be be be be be be be be be be/' >"$work/text"
"$layouts/from-lspci.py" "$work/text" >"$work/out" 2>"$work/err"
grep -q "ecap 0x100 id=0x0003 v=1 shown=12" "$work/out" && ! grep -qi be "$work/out"
result $? "no serial number in a block"

done_testing
