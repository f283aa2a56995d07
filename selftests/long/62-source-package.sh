#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 62-source-package.sh - the tarball and the Debian source package of `make dist`: the
# packages are built from them without git, without the network and without a home, and
# two builds give the same bytes, however different what they are built in.

set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
out=$top/build/vm/62-source-package
version=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$top/packaging/debian/changelog")
# shellcheck source=selftests/long/lib/count.sh
. "${0%/*}/lib/count.sh"

sums()
{
	(cd "$1" && sha256sum ./*.deb ./*.spdx.json)
}

# build NAME UMASK TZ COMMAND...: the packages, in a folder of their own; COMMAND unpacks
# the source there, to "source"
build()
{
	local dir=$out/$1 mask=$2 zone=$3

	shift 3
	mkdir -p "$dir"
	(cd "$dir" && "$@") > "$dir/log" 2>&1
	result $? "${dir##*/}: it is unpacked" "$dir/log"
	# shellcheck disable=SC2016 # the inner shell's
	unshare --net --mount env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/nonexistent \
		TZ="$zone" sh -c '
		umask "$1"
		for tool in git curl wget; do
			tool=$(command -v $tool) && mount --bind /bin/false "$tool"
		done
		cd "$2" && dpkg-buildpackage -b -us -uc' sh "$mask" "$dir/source" >> "$dir/log" 2>&1
	result $? "${dir##*/}: the packages are built" "$dir/log"
	[ "$(sums "$dir" | wc -l)" = 3 ]
	result $? "${dir##*/}: there are two packages, and what they are made of"
}

rm -rf "$out"
mkdir -p "$out"
"$top/scripts/deps.sh" build man deb || { result 1 "packages of this machine"; finish; }
umask 022
"$top/scripts/dist.sh" "$out/dist" > /dev/null
result $? "the tree is packed"
mkdir "$out/copy"
tar -C "$top" --exclude=./build --exclude=./.git -cf - . | tar -C "$out/copy" -xf -
find "$out/copy" -exec touch -h {} +
chmod -R go-rwx "$out/copy"
(umask 077 && TZ=Asia/Kolkata LC_ALL=C.UTF-8 "$out/copy/scripts/dist.sh" "$out/dist2") > /dev/null
result $? "so is a copy without a history"
diff <(cd "$out/dist" && sha256sum ./*) <(cd "$out/dist2" && sha256sum ./*) > "$out/log"
result $? "to the same bytes" "$out/log"

build first 022 UTC sh -c "tar -xf ../dist/vfioguard-$version.tar.xz && mv vfioguard-$version source"
build second-elsewhere 077 Asia/Kolkata \
	dpkg-source --no-check -x "../dist/vfioguard_$version.dsc" source
diff <(sums "$out/first") <(sums "$out/second-elsewhere") > "$out/log"
result $? "both are the same bytes" "$out/log"
dpkg-deb -x "$out/first/vfioguard_${version}_amd64.deb" "$out/unpacked" &&
	[ "$("$out/unpacked/usr/sbin/vfioguard" --version)" = "vfioguard $version" ]
result $? "the program in them runs"
finish
