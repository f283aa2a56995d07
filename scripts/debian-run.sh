#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/debian-run.sh SUITE COMMAND...: run COMMAND in a copy of this checkout in a
# Debian system of its own, made by scripts/debian-image.sh. So a machine of one release
# says whether another one builds and checks the tree:
#
#	scripts/debian-run.sh trixie make check deb-check
#
# The system stays in the cache, with the packages that were installed for the command
# and with what it built, which the next call goes on with; nothing of this machine is
# changed, and nothing is left running. The files of the copy are those of the checkout,
# without its build folder. Exit status: the command's.

. "$(dirname "$0")/common.sh"

[ "$#" -ge 2 ] || die "which suite, and which command? For example: $0 trixie make check"
[ "$(id -u)" -eq 0 ] || die "root is needed to enter another system; run: sudo $0 $*"
suite=$1
shift
"$TOP/scripts/deps.sh" image
image=$("$TOP/scripts/debian-image.sh" "$suite")
root=$CACHE/roots/$(basename "$image" .tar)
copy=$root/usr/src/checkout

mkdir -p "$CACHE/roots"
# One at a time: two copies of the tree would be mixed.
exec 9>"$CACHE/roots/.$suite.lock"
flock 9
if [ ! -d "$root" ]; then
	say "unpacking $(basename "$image")"
	rm -rf "$root.new"
	mkdir "$root.new"
	tar -C "$root.new" --xattrs --numeric-owner -xf "$image"
	chmod 755 "$root.new"
	find "$CACHE/roots" -mindepth 1 -maxdepth 1 -type d -name "$(basename "${root%-*}")-*" \
		! -path "$root.new" -exec rm -rf {} +
	mv "$root.new" "$root"
fi

mkdir -p "$copy"
find "$copy" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
tar -C "$TOP" --exclude=./build --exclude=./.git -cf - . | tar -C "$copy" -xf -
# The network's names are this machine's.
cp --remove-destination -L /etc/resolv.conf "$root/etc/resolv.conf"

# Everything ends with the command, as its first process does.
# shellcheck disable=SC2016 # the inner shells'
exec unshare --mount --pid --ipc --fork --kill-child sh -c '
	root=$1
	shift
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount --rbind /sys "$root/sys"
	mount -t tmpfs tmpfs "$root/run"
	exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		LC_ALL=C.UTF-8 JOBS="$JOBS" DEBIAN_FRONTEND=noninteractive sh -c "
			cd /usr/src/checkout || exit
			command -v make >/dev/null || {
				apt-get update -qq && apt-get install -y -qq make >/dev/null
			} || exit
			exec \"\$@\"" sh "$@"' sh "$root" "$@" 9>&-
