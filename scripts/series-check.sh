#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/series-check.sh [SERIES...]: what its maintainers' machines would say of
# each commit of a series, all of kernel-patches/ if none is named.
#
#	applies		without fuzz, to what the commits before it left
#	checkpatch	the tree's own, --strict
#	kernel-doc	of the files it touches
#	builds		drivers/vfio/pci, for each configuration in
#			selftests/series/, with W=1 and sparse
#	symbols		what it calls is exported; what it exports has the CRCs
#			that the tree had before the series
#
# A tree is noisy by itself: what it said before the series does not count, what
# it says of it does.  The 6.12 series is also built against Debian's headers, and
# in a virtual machine a module without BTF has to run as native filter alone.
#
# SERIES_CONFIGS in the environment limits the configurations, SERIES_VM= (empty)
# leaves out the virtual machine.  Trees stay in the cache (series-check/).
#
# Ends with "N passed, N failed"; exit status 1 if anything failed.

. "$(dirname "$0")/common.sh"

configs=${SERIES_CONFIGS-module builtin no-audit no-jit}
# Where the kernel exports what drivers call
exporters=(arch/x86 block drivers/base drivers/pci drivers/vfio fs init kernel lib
	mm security virt)
passed=0
failed=0

# result TEXT FILE: one test line; it failed if FILE has something in it
result()
{
	if [ ! -s "$2" ]; then
		passed=$((passed + 1))
		echo "ok $((passed + failed)) - $1"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $((passed + failed)) - $1"
	head -n 20 "$2" | sed 's/^/# /'
}

# files_of PATCH...: that they touch, sorted
files_of()
{
	sed -n 's|^+++ b/||p' "$@" | sort -u
}

# A part of the tree: what drivers/vfio/pci needs to be built, and no more
extract()
{
	local p=linux-source-$SERIES temp

	[ "$(cat "$work/version" 2>/dev/null)" != "$version" ] || return 0
	say "extracting a part of $p $version"
	rm -rf "$work"
	mkdir -p "$work"
	temp=$(mktemp -d "$work/.new-XXXXXX")
	# What an archive lacks is no error: trees differ.
	tar -C "$temp" --strip-components=1 --no-same-owner --wildcards \
		-xf "$tarball" "$p"/{arch/x86,include,init,ipc,scripts,kernel,lib,mm,virt} \
		"$p"/drivers/{base,pci,vfio} "$p"/fs/ "$p"/security/ "$p"/block/ \
		"$p"/tools/{arch,bpf,build,docs,include,lib,objtool,scripts} \
		"$p"/{COPYING,CREDITS,README,Makefile,Kbuild,Kconfig,MAINTAINERS} "$p/*/Makefile*" \
		"$p/*/Kbuild*" "$p/*/Kconfig*" "$p/Documentation/driver-api" \
		"$p/Documentation/admin-guide/kernel-parameters.txt" \
		"$p/tools/testing/selftests/vfio" 2>/dev/null || true
	[ -f "$temp/Makefile" ] || die "$tarball can't be read; remove it"
	mv -T "$temp" "$src"
	echo "$version" >"$work/version"
}

# exported: what the tree exports; and the module itself, which modpost adds
exported()
{
	echo __this_module
	grep -rhoE 'EXPORT_(PER_CPU_SYMBOL|STATIC_CALL_TRAMP|SYMBOL)[A-Z_]*\((_ASM_)?[A-Za-z0-9_]+' \
		"${exporters[@]/#/$src/}" |
		sed -E 's/EXPORT_STATIC_CALL_TRAMP[A-Z_]*\(/__SCT__/; s/.*\(//'
}

# Back to the tree without the series.
reset_tree()
{
	local f

	while read -r f; do
		if [ ! -f "$pristine/$f" ]; then
			rm -f "$src/$f"
		elif ! cmp -s "$pristine/$f" "$src/$f"; then
			cp "$pristine/$f" "$src/$f"
		fi
	done < <({ cat "$work/touched" 2>/dev/null; files_of "$patches"/[0-9]*.patch; } |
		sort -u | tee "$work/touched.new")
	mv "$work/touched.new" "$work/touched"
}

# apply PATCH: to the tree; false if it does not go
apply()
{
	patch -d "$src" -p1 -F0 -s -f --no-backup-if-mismatch <"$1" >"$out/apply" 2>&1
}

# complaints: from a log on stdin, without the numbers that a line above changes
complaints()
{
	grep -E '(warning|error|Warning|Error|undefined)[: ]|\*\*\*' |
		sed -E "s|$src/||g; s|^\.\./src/||; s/:[0-9]+(:[0-9]+)?(:| )/: /g" |
		sort -u || true
}

kernel_doc()
{
	local f

	files_of "$patches"/[0-9]*.patch | grep -E '\.[ch]$' | while read -r f; do
		[ ! -f "$src/$f" ] ||
			"$src/scripts/kernel-doc" -none -Wall "$src/$f" 2>&1 || true
	done
}

# settle NAME: the configuration NAME, which must come out as its file says
settle()
{
	local obj=$work/$1 want=$TOP/selftests/series/$1.config option

	# The options of base.config that this one has as well are its own.
	sed -n 's/^\(# \)\?\(CONFIG_[A-Z0-9_]*\)[= ].*/\2/p' "$want" >"$out/own"
	{
		grep -vwFf "$out/own" "$TOP/selftests/kernel/base.config"
		cat "$want"
	} >"$out/config"
	make -s -C "$src" O="$obj" KCONFIG_ALLCONFIG="$out/config" allnoconfig \
		>"$out/settle" 2>&1 || return 1
	: >"$out/settle"
	[ "$2" = whole ] || return 0
	while read -r option; do
		grep -qxF "$option" "$obj/.config" ||
			echo "the configuration has no $option" >>"$out/settle"
	done < <(grep -E '^CONFIG_' "$want")
	while read -r option; do
		! grep -q "^$option=" "$obj/.config" ||
			echo "the configuration has $option" >>"$out/settle"
	done < <(sed -n 's/^# \(CONFIG_.*\) is not set$/\1/p' "$want")
}

# build NAME TAG: compile; the complaints, undefined symbols and CRCs go to
# OUT/NAME-TAG.*.
build()
{
	local obj=$work/$1 log=$out/$1-$2 part=vfio-pci-core.o

	[ "$1" != builtin ] || part=built-in.a
	make -s -k -j"$(nproc)" -C "$src" O="$obj" W=1 C=1 drivers/vfio/pci/ \
		>"$log.log" 2>&1 || echo "error: make failed" >>"$log.log"
	complaints <"$log.log" >"$log.said"
	rm -f "$out/linked"
	# Linked, so that what one of them has twice shows, too.
	(cd "$obj" && ld -r --whole-archive -o "$out/linked" "drivers/vfio/pci/$part") \
		>>"$log.said" 2>&1 || echo "error: ld failed" >>"$log.said"
	nm -u "$out/linked" 2>/dev/null | awk '{ print $2 }' | sort -u >"$log.undefined"
	# As comments in the files that remember how an object was made
	find "$obj/drivers/vfio/pci" -name '.*.o.cmd' -exec \
		sed -n 's/^#SYMVER //p' {} + | sort -u >"$log.crcs"
	[ -s "$log.undefined" ] || echo "error: nothing was built" >>"$log.said"
}

# compare NAME TAG WHAT: after `build NAME base`
compare()
{
	local base=$out/$1-base now=$out/$1-$2 key=''

	comm -13 "$base.said" "$now.said" >"$out/diff"
	result "$3 builds in silence: $1, W=1, sparse" "$out/diff"
	# Built in it may also use the key of a static call, which no module may.
	[ "$1" = module ] || key=s/^__SCK__/__SCT__/
	comm -13 "$base.undefined" "$now.undefined" | sed "$key" | sort -u |
		comm -23 - "$out/exported" >"$out/diff"
	result "$3 calls only what is exported: $1" "$out/diff"
	[ "$1" = module ] || return 0
	diff "$base.crcs" "$now.crcs" >"$out/diff" || true
	[ -s "$base.crcs" ] || echo "the tree has no CRCs" >"$out/diff"
	result "$3 leaves the CRCs of exported symbols" "$out/diff"
}

# What needs no compiler, commit by commit
read_series()
{
	local p tag

	reset_tree
	kernel_doc | complaints >"$out/doc-base"
	for p in "$patches"/[0-9]*.patch; do
		tag=$SERIES/$(basename "$p" | cut -c1-4)
		apply "$p" || echo "does not apply" >>"$out/apply"
		result "$tag applies" "$out/apply"
		(cd "$src" && scripts/checkpatch.pl --strict --quiet \
			--ignore FILE_PATH_CHANGES,UNKNOWN_COMMIT_ID "$p") \
			>"$out/checkpatch" 2>&1 || true
		result "$tag: checkpatch --strict is silent" "$out/checkpatch"
		kernel_doc | complaints | comm -13 "$out/doc-base" - >"$out/doc"
		result "$tag: kernel-doc is silent" "$out/doc"
	done
}

# compile_series NAME: the base, then commit by commit
compile_series()
{
	local p tag last

	last=$(printf '%s\n' "$patches"/[0-9]*.patch | tail -n 1)
	reset_tree
	settle "$1" part || die "$(cat "$out/settle")"
	say "$SERIES, $1: the tree without the series"
	build "$1" base
	for p in "$patches"/[0-9]*.patch; do
		tag=$(basename "$p" | cut -c1-4)
		apply "$p" || continue
		settle "$1" "$([ "$p" != "$last" ] || echo whole)" ||
			die "$(cat "$out/settle")"
		build "$1" "$tag"
		compare "$1" "$tag" "$SERIES/$tag"
	done
	result "$SERIES: the configuration $1 is what it should be" "$out/settle"
}

check_series()
{
	local config found

	SERIES=$1
	patches=$TOP/kernel-patches/$SERIES
	[ -d "$patches" ] ||
		die "there is no series $SERIES; kernel-patches/ has: $(cd "$TOP/kernel-patches" && echo [0-9]*)"
	export SERIES
	found=$("$TOP/scripts/kernel-tarball.sh")
	read -r version tarball <<<"$found"
	pristine=$("$TOP/scripts/kernel-source.sh")
	work=$CACHE/series-check/$SERIES
	src=$work/src
	mkdir -p "$work"
	exec 9>"$work.lock"
	flock 9
	extract
	exported | sort -u >"$out/exported"
	read_series
	for config in $configs; do
		compile_series "$config"
	done
	reset_tree
}

# With Debian's headers, where scripts/module.sh compares the CRCs itself; then a
# module that somebody stripped.
check_on_debian()
{
	SERIES=6.12 "$TOP/scripts/module.sh" >"$out/module" 2>&1 && : >"$out/module"
	result "6.12: the module for Debian's kernel has the stock module's CRCs" "$out/module"
	[ -n "${SERIES_VM-yes}" ] || return 0
	"$TOP/selftests/vm/test.sh" "$TOP/selftests/vm/tests/15-no-btf.sh" >"$out/vm" 2>&1 ||
		echo "failed" >>"$out/vm"
	if ! grep -q '^failed$' "$out/vm"; then
		: >"$out/vm"
	fi
	result "6.12: a module without BTF is the native filter and says so once" "$out/vm"
}

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
[ "$#" -gt 0 ] || mapfile -t all < <(cd "$TOP/kernel-patches" && printf '%s\n' [0-9]*)
for series in "${@:-${all[@]}}"; do
	check_series "$series"
	[ "$series" != 6.12 ] || check_on_debian
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
