#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# layers.sh: scripts/layers.sh notices what it is there for, in a copy of loader/.

cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0
rc=0

# check WHAT TEXT: the copy is refused with TEXT; made anew for the next.
check()
{
	n=$((n + 1))
	if scripts/layers.sh "$tmp/loader" >"$tmp/out" 2>&1; then
		echo "not ok $n - $1 (it passed)"
		rc=1
	elif ! grep -qF -- "$2" "$tmp/out"; then
		echo "not ok $n - $1"
		sed 's/^/# /' "$tmp/out"
		rc=1
	else
		echo "ok $n - $1"
	fi
	copy
}

copy()
{
	rm -rf "$tmp/loader"
	cp -r loader "$tmp/loader"
}

copy
echo '#include "commands/usage.h"' >>"$tmp/loader/util/log.c"
check "an include that runs upwards, with both files" \
	"loader/util/log.c includes loader/commands/usage.h"
mkdir "$tmp/loader/misc"
echo >"$tmp/loader/misc/new.c"
check "a folder that is not in the order" "no folder misc"
yes '/* */' | head -n 450 >>"$tmp/loader/util/log.h"
check "a file that is too long" "loader/util/log.h has"
echo | tee "$tmp/loader/util/new-"{1..24}.h >/dev/null
check "a folder that is too full" "loader/util has more than"
mv "$tmp/loader/util/log.c" "$tmp/loader/log.c"
check "a file outside the folders" "loader/log.c: only main.c"
echo "1..$n"
exit "$rc"
