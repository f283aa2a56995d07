#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/fuzz-corpus.sh FUZZER CORPUS NEW...: take what a run found into the
# corpus in the checkout.
#
# Texts with a name were written by a person and stay.  Of the others, old and
# new, as few short ones are kept as reach the same lines.

. "$(dirname "$0")/common.sh"

[ "$#" -ge 3 ] || die "usage: scripts/fuzz-corpus.sh FUZZER CORPUS NEW..."
fuzzer=$1
corpus=$2
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/seeds" "$work/old" "$work/found"
for f in "$corpus"/*; do
	# The fuzzer names files by their SHA-1.
	case $(basename "$f") in
	*[!0-9a-f]* | ?) cp "$f" "$work/seeds" ;;
	????????????????????????????????????????) cp "$f" "$work/old" ;;
	*) cp "$f" "$work/seeds" ;;
	esac
done

cp "$work"/seeds/* "$work/found"
"$fuzzer" -set_cover_merge=1 -use_counters=0 -max_len=512 \
	"$work/found" "$work/old" "$@" >"$work/log" 2>&1 || {
	tail -n 20 "$work/log" >&2
	die "the corpus could not be merged"
}
rm -f "$corpus"/*
cp "$work"/found/* "$corpus"
say "$corpus: $(find "$corpus" -type f | wc -l) files," \
	"$(cat "$corpus"/* | wc -c) bytes"
