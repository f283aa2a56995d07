#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/kernel.sh: build a small kernel with the series for the test machine,
# and print its KVER.  SERIES (7.3) and FLAVOUR (plain, kasan, kcsan) come from
# the environment.
#
# KVER carries a hash of all that it is made of: source, series, configuration
# and compiler.  So one that is there already is the right one and costs nothing.
# It goes to the cache, where selftests/vm/run.sh --kernel KVER finds it:
#
#	images/KVER/boot/vmlinuz-KVER, config-KVER, System.map-KVER
#	images/KVER/lib/modules/KVER/
#	images/KVER/lib/modules/KVER/vfio-pci-core.ko.stock	without the series
#	images/KVER/lib/modules/KVER/selftests/vfio/	the tree's own tests, if it has some
#	images/KVER/lib/modules/KVER/pci-alias.ko	see selftests/vm/pci-alias/
#
# Build trees stay in the cache (kernel/SERIES/), so that a change to the series
# compiles a few files.  BUILD_PREFIX may name a command that runs each make.

. "$(dirname "$0")/common.sh"

flavour=${FLAVOUR:-plain}
patches=$TOP/kernel-patches/$SERIES
configs=$TOP/selftests/kernel
alias=$TOP/selftests/vm/pci-alias
fragments=("$configs/base.config" "$configs/$flavour.config")
[ -d "$patches" ] ||
	die "there is no series $SERIES; kernel-patches/ has: $(cd "$TOP/kernel-patches" && echo [0-9]*)"
[ -f "$configs/$flavour.config" ] ||
	die "there is no flavour $flavour; there are: $(cd "$configs" && echo ./*.config | sed 's|\./base.config||; s|\./||g; s|\.config||g')"

found=$("$TOP/scripts/kernel-tarball.sh")
read -r version tarball <<<"$found"

hash=$({
	echo "$version" "$(gcc -dumpfullversion)" "$(pahole --version)"
	cat "$patches"/[0-9]*.patch "${fragments[@]}" "$alias"/* "$0"
} | sha256sum | cut -c1-10)
upstream=${version%%-*}
# Three numbers, as the kernel has them itself.
case $upstream in
*.*.*) ;;
*) upstream=$upstream.0 ;;
esac
local=-vfioguard-$flavour-$hash
kver=$upstream$local
image=$CACHE/images/$kver

if [ -d "$image" ]; then
	echo "$kver"
	exit 0
fi

work=$CACHE/kernel/$SERIES
src=$work/src
obj=$work/$flavour
mkdir -p "$work"
# One at a time: the source is shared by the flavours.
exec 9>"$work/lock"
flock 9
if [ -d "$image" ]; then
	echo "$kver"
	exit 0
fi

temp=$(mktemp -d "$work/.new-XXXXXX")
trap 'rm -rf "$temp"' EXIT

kmake()
{
	# shellcheck disable=SC2086 # a command and its arguments
	$prefix make -s -j"$(nproc)" -C "$src" O="$obj" LOCALVERSION="$local" \
		"$@" >>"$obj.log" 2>&1 9>&- || {
		tail -n 20 "$obj.log" >&2
		die "the kernel did not build (make $*; whole log: $obj.log)"
	}
}

# The whole source, 1.8 GB.
if [ "$(cat "$work/version" 2>/dev/null)" != "$version" ]; then
	say "extracting all of linux-source-$SERIES $version"
	rm -rf "${work:?}"/{src,plain,kasan,kcsan,version,touched}
	mkdir "$temp/src"
	tar -C "$temp/src" --strip-components=1 --no-same-owner -xf "$tarball"
	mv "$temp/src" "$src"
	echo "$version" >"$work/version"
fi

# What the series touches is taken from the pristine files, patched aside, and
# put where it differs: so make sees only what has changed.
pristine=$("$TOP/scripts/kernel-source.sh")
files_of_series()
{
	sed -n 's|^+++ b/||p' "$patches"/[0-9]*.patch | sort -u
}

# put DIR [FOLDER]: the files in DIR/ to the source, or those in one folder; those
# it lacks are removed there
put()
{
	local f

	while read -r f; do
		[ "${f#"${2:-}"}" != "$f" ] || [ -z "${2:-}" ] || continue
		if [ ! -f "$1/$f" ]; then
			rm -f "$src/$f"
		elif ! cmp -s "$1/$f" "$src/$f"; then
			mkdir -p "$(dirname "$src/$f")"
			cp "$1/$f" "$src/$f"
		fi
	done <"$work/touched"
}

mkdir "$temp/stock"
touch "$work/touched"
{ cat "$work/touched"; files_of_series; } | sort -u >"$temp/touched"
mv "$temp/touched" "$work/touched"
while read -r f; do
	mkdir -p "$temp/stock/$(dirname "$f")"
	[ ! -f "$pristine/$f" ] || cp "$pristine/$f" "$temp/stock/$f"
done <"$work/touched"
cp -r "$temp/stock" "$temp/patched"
for p in "$patches"/[0-9]*.patch; do
	(cd "$temp/patched" && git apply "$p") ||
		die "$(basename "$p") does not apply to linux-source-$SERIES $version; update the series, see kernel-patches/README.md"
done
put "$temp/patched"

say "building kernel $kver"
mkdir -p "$obj"
: >"$obj.log"
prefix=
cat "${fragments[@]}" >"$temp/config"
kmake KCONFIG_ALLCONFIG="$temp/config" allnoconfig
# One that was not taken is a mistake, or this kernel does not have it.
while read -r option; do
	grep -q "^$option=" "$obj/.config" || say "not in this kernel: $option"
done < <(sed -n 's/^\(CONFIG_[A-Z0-9_]*\)=.*/\1/p' "$temp/config")
prefix=${BUILD_PREFIX:-}
kmake bzImage modules
built=$(make -s -C "$src" O="$obj" LOCALVERSION="$local" kernelrelease)
[ "$built" = "$kver" ] || die "the kernel calls itself $built, not $kver"

new=$temp/image
mkdir -p "$new/boot"
cp "$obj/arch/x86/boot/bzImage" "$new/boot/vmlinuz-$kver"
cp "$obj/.config" "$new/boot/config-$kver"
cp "$obj/System.map" "$new/boot/System.map-$kver"
kmake modules_install INSTALL_MOD_PATH="$new" INSTALL_MOD_STRIP=1
rm -f "$new/lib/modules/$kver"/{build,source}

# In the module folder, so that the test machine has them too.
cp -r "$alias" "$temp/alias"
kmake M="$temp/alias" modules
cp "$temp/alias/pci-alias.ko" "$new/lib/modules/$kver/"
strip -g "$new/lib/modules/$kver/pci-alias.ko"
tests=$new/lib/modules/$kver/selftests/vfio
if [ -d "$src/tools/testing/selftests/vfio" ]; then
	say "building selftests/vfio"
	kmake headers
	mkdir -p "$tests"
	# shellcheck disable=SC2086 # a command and its arguments
	$prefix make -s -C "$src/tools/testing/selftests/vfio" \
		OUTPUT="$tests" CLANG=clang-19 \
		KHDR_INCLUDES="-isystem $obj/usr/include" >>"$obj.log" 2>&1 9>&- || {
		tail -n 20 "$obj.log" >&2
		die "selftests/vfio did not build (whole log: $obj.log)"
	}
	find "$tests" -name '*.d' -delete
	find "$tests" -name '*.o' -not -name '*.bpf.o' -delete
	rm -rf "$tests"/{tools,libvfio}
	cp -r "$src/tools/testing/selftests/vfio/scripts" "$tests/"
fi

# The core without the series, for comparisons in the same boot.  The number of
# the audit record's type stays, as half the kernel includes that header.
put "$temp/stock" drivers/
kmake modules
cp "$obj/drivers/vfio/pci/vfio-pci-core.ko" "$new/lib/modules/$kver/vfio-pci-core.ko.stock"
strip -g "$new/lib/modules/$kver/vfio-pci-core.ko.stock"
put "$temp/patched"

mkdir -p "$CACHE/images"
mv -T "$new" "$image"
echo "$kver"
