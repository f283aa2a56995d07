#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# names.sh: scripts/names.sh notices what it is there for, in a copy of the tree.

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1
mkdir "$work/tree"
tar --exclude=./build --exclude=./.git --exclude=./selftests/fuzz/corpus -cf - . |
	tar -C "$work/tree" -xf -
mkdir -p "$work/tree/selftests/fuzz/corpus/policy"

scripts/names.sh "$work/tree" >"$work/out" 2>&1
result $? "a copy is as good as the tree"

# All at once, as each run takes a while; a fault does not hide the next.
cd "$work/tree" || exit 1
mv loader/daemon/flood.c loader/daemon/floods.c
sed -i 's/vg_record_fill(/vg_record_fills(/' loader/events/event.c
sed -i 's/vfio_pci_filter_native(/vfio_pci_filter_it(/' kernel-patches/6.12/*.patch
sed -i 's|^\tlint/|\tlints/|' docs/structure.md
echo '[away](docs/away.md#here)' >>README.md
echo '/* See bpf/away.h. */' >>loader/util/log.c
# shellcheck disable=SC2016 # make's own
echo '$(B)/loader/util/away.o: stamp' >>Makefile
cd - >/dev/null || exit 1
scripts/names.sh "$work/tree" >"$work/out" 2>&1
[ $? = 1 ]
result $? "faults are its exit status"

# finds TEXT WHAT
finds()
{
	grep -qF -- "$1" "$work/out"
	result $? "$2"
}

finds "there is no loader/daemon/flood.c" "a file of a step that is gone"
finds "loader/events/event.c has no vg_record_fill()" \
	"a function of a step that is gone"
finds "vfio_pci_filter.c has no vfio_pci_filter_native()" \
	"one that the series does not have"
finds "it draws the folders commands doctor answer daemon events lock maps force compile lints" \
	"folders drawn otherwise"
finds "there is no docs/away.md" "a link to nowhere"
finds "there is no bpf/away.h" "a file that a comment names"
finds "there is no loader/util/away.c" "an object of a rule without a source"
finds "loader/util/log.c:" "and where the name stands"
done_testing
