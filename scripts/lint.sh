#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/lint.sh [NAME...]: all linters, or the named ones.  Prints TAP: one
# case for each linter, and what it complains about.
#
# Needs build/vfioguard (make) and the packages of `scripts/deps.sh check`.

# shellcheck disable=SC2317 # the linters are called by their names

. "$(dirname "$0")/common.sh"

cd "$TOP"

# Files of the project by find's conditions, build results left out.
files()
{
	find . \( -path ./build -o -path ./.git \) -prune -o \
		-type f \( "$@" \) -print | sort
}

# Of these folders, scripts without the ending.
scripts()
{
	files -name '*.sh'
	grep -lsE '^#!/bin/(ba)?sh|^# shellcheck shell=' .ci/* \
		selftests/vm/guest/* selftests/long/packages/* \
		packaging/{bash-completion,debian,dkms}/* |
		grep -v '\.sh$' || true
}

lint_shellcheck()
{
	local list

	mapfile -t list < <(scripts)
	shellcheck -x "${list[@]}"
}

lint_clang_format()
{
	local list

	mapfile -t list < <(find bpf loader selftests -name '*.[ch]' | sort)
	# By its version: others format differently. Debian 12 and 13 have this one.
	clang-format-19 --style=file --dry-run -Werror "${list[@]}"
}

lint_cppcheck()
{
	# variableScope: kernel style declares at the top of a function.
	# shadowVariable: gcc's -Wshadow knows better what a header declares.
	# knownConditionTrueFalse, in the one file: it does not see that
	# findings are added through the pointer inside a structure.
	# Newer than 2.10: normalCheckLevelMaxBranches says how far it looks; const*
	# would have each local pointer const, where kernel style promises it to
	# others; in layout.c it takes offsets for what no caller passes.
	cppcheck --quiet --error-exitcode=1 --std=c11 -D_GNU_SOURCE \
		-j"$(nproc)" --enable=warning,style,performance,portability \
		--suppress=variableScope --suppress=shadowVariable \
		--suppress=normalCheckLevelMaxBranches \
		--suppress=constVariablePointer --suppress=constParameterPointer \
		--suppress=constParameterCallback \
		--suppress=arrayIndexOutOfBoundsCond:loader/kernel/layout.c \
		--suppress=knownConditionTrueFalse:loader/lint/lint.c \
		-Iloader -I. loader
}

# The tree's own, so that it knows the kernel the series is for.
lint_checkpatch()
{
	local source

	source=$(scripts/kernel-source.sh) || return 1
	# FILE_PATH_CHANGES asks about MAINTAINERS for each new file; the
	# folder's entry covers them.  UNKNOWN_COMMIT_ID: the extracted source
	# has no history to look commits up in.
	# Not from the top: it takes what git knows for source, not patches.
	cd kernel-patches &&
		"$source/scripts/checkpatch.pl" --no-tree --strict --quiet \
			--ignore FILE_PATH_CHANGES,UNKNOWN_COMMIT_ID ./*/*.patch
}

# The programs that 6.1 has to take.
lint_bpf_stack()
{
	scripts/bpf-stack.py build/bpf/{door,probe,stock}.bpf.o
}

# Which folder of loader/ may include which.
lint_layers()
{
	scripts/layers.sh
}

# What is printed as JSON, and the versions of that.
lint_schemas()
{
	scripts/schemas.py --lint
}

# What documents and make rules name.
lint_names()
{
	scripts/names.sh
}

lint_spdx()
{
	local rc=0 f

	while read -r f; do
		# The first line, or behind what names the shell.
		head -n 3 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0' || {
			echo "$f: no SPDX-License-Identifier in the first lines"
			rc=1
		}
	done < <(
		scripts
		files -name '*.[ch]' -o -name '*.mk' -o -name '*.awk' \
			-o -name Makefile -o -name '.clang-format' \
			-o -name '.shellcheckrc' \
			-o -path './policies/*.policy' -o -name '*.expect'
	)
	return "$rc"
}

lint_blanks()
{
	local list

	# Context lines of patches end as the kernel's do; the corpora hold
	# blanks on purpose.
	mapfile -t list < <(files -not -name '*.patch' \
		-not -path './selftests/unit/mistakes/*' \
		-not -path './selftests/fuzz/corpus/*')
	if grep -nIE '[[:blank:]]+$' "${list[@]}"; then
		echo "these lines end in blanks"
		return 1
	fi
}

lint_policies()
{
	local rc=0 p test

	for p in policies/*.policy; do
		test=policies/tests/$(basename "$p" .policy).expect
		if [ ! -f "$test" ]; then
			echo "$p: no $test"
			rc=1
			continue
		fi
		build/vfioguard check --test "$test" "$p" || rc=1
	done
	return "$rc"
}

# The device library, and the page made from it.
lint_devices()
{
	scripts/device-check.sh build/vfioguard
}

lint_device_table()
{
	scripts/device-table.sh --check
}

# The unit as it is installed, with the binary that was just built.
lint_unit()
{
	local dir rc=0

	if ! command -v systemd-analyze >/dev/null; then
		echo "skipped: no systemd-analyze here"
		return 0
	fi
	dir=$(mktemp -d)
	sed -e "s|@sbindir@|$TOP/build|" -e 's|@sysconfdir@|/etc|' \
		packaging/vfioguard.service.in >"$dir/vfioguard.service"
	if grep '@' "$dir/vfioguard.service" | grep -v '^SystemCallFilter=@'; then
		echo "these names were not filled in"
		rc=1
	fi
	# What it only warns of, like a misspelt key, leaves its status at 0.
	systemd-analyze verify --man=no "$dir/vfioguard.service" \
		>"$dir/verify" 2>&1 || rc=1
	! grep -F vfioguard.service "$dir/verify" || rc=1
	# The exposure in tenths; it has 22, of which stock kernels make 5.
	systemd-analyze security --offline=true --no-pager --threshold=25 \
		"$dir/vfioguard.service" || rc=1
	rm -r "$dir"
	return "$rc"
}

all="shellcheck clang_format cppcheck checkpatch bpf_stack layers schemas names spdx blanks
	policies devices device_table unit"
# shellcheck disable=SC2086 # words
[ "$#" -gt 0 ] || set -- $all

log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
# Side by side: most wait for one program.
for name in "$@"; do
	declare -F "lint_$name" >/dev/null ||
		die "no linter '$name'; there are: $all"
	{ "lint_$name" >"$log/$name" 2>&1 && touch "$log/$name.ok"; } &
done
wait

n=0
rc=0
for name in "$@"; do
	n=$((n + 1))
	if [ -e "$log/$name.ok" ]; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$log/$name"
		rc=1
	fi
done
echo "1..$n"
exit "$rc"
