#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dkms_build.sh: what packaging/dkms/dkms-build says of a kernel, by what is installed,
# and how it puts a stock module back that dkms took away. Kernels, packages and dkms's
# tree are made up here; nothing is built. Prints TAP.

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
kver=6.12.999+deb13-amd64

# As in the package: beside the series.
mkdir -p "$work/src/kernel-patches/6.12" "$work/bin" "$work/usr/src" "$work/lib/$kver/build"
cp "$top/packaging/dkms/dkms-build" "$work/src"

# package HEADERS SOURCE: what dpkg says of both, "STATE VERSION"; nothing: unknown
package()
{
	cat >"$work/bin/dpkg-query" <<-END
		#!/bin/bash
		case \${!#} in
		linux-headers-$kver) said='$1' ;;
		linux-source-6.12) said='$2' ;;
		esac
		[ -n "\${said:-}" ] || { echo "no packages found" >&2; exit 1; }
		echo "\$said"
	END
	chmod +x "$work/bin/dpkg-query"
}

dkms_build()
{
	PATH=$work/bin:$PATH VFIOGUARD_LIB_MODULES=$work/lib VFIOGUARD_USR_SRC=$work/usr/src \
		VFIOGUARD_DKMS_TREE=$work/dkms "$work/src/dkms-build" "$@" >"$work/out" 2>"$work/err"
}

taken()
{
	dkms_build check "$kver"
	result $? "$1: taken"
}

# refused NAME KVER TEXT: and says so, first
refused()
{
	local rc

	dkms_build check "$2"
	rc=$?
	[ "$rc" = 1 ] && head -n 1 "$work/err" | grep -q "^vfioguard: no vfio-pci-core for kernel $2: $3"
	result $? "$1: refused, with the reason"
	[ "$(wc -l <"$work/err")" = 2 ]
	result $? "$1: and what that means"
}

package 'ii  6.12.9-1' 'ii  6.12.9-1'
refused "no series" 6.11.1-1-amd64 "there is no series for it; there are: 6.12"
refused "no headers" "$kver" "its headers are missing; run: apt-get install linux-headers-$kver"
touch "$work/lib/$kver/build/Module.symvers"
refused "no tarball" "$kver" "its source is missing; run: apt-get install linux-source-6.12=6.12.9-1"
touch "$work/usr/src/linux-source-6.12.tar.xz"
taken "all is there"

# In the postinst of either package, and in a trigger.
for state in 'iF ' 'iU ' 'iW ' 'it ' 'hi '; do
	package "$state 6.12.9-1" 'ii  6.12.9-1'
	taken "headers in state $state"
	package 'ii  6.12.9-1' "$state 6.12.9-1"
	taken "source in state $state"
done
package 'rc  6.12.9-1' 'ii  6.12.9-1'
refused "headers removed" "$kver" "it is not of a Debian package, whose source would be known"
package '' 'ii  6.12.9-1'
refused "headers unknown to dpkg" "$kver" "it is not of a Debian package, whose source would be known"
package 'ii  6.12.9-1' ''
refused "source unknown to dpkg" "$kver" "its source is missing; run: apt-get install linux-source-6.12=6.12.9-1"
package 'ii  6.12.9-1' 'ii  6.12.8-1'
refused "source of another version" "$kver" \
	"its source is of version 6.12.9-1, and linux-source-6.12 of 6.12.8-1; run: apt-get install linux-source-6.12=6.12.9-1"

# --- The stock module ------------------------------------------------------------

stock=$work/lib/$kver/kernel/drivers/vfio/pci/vfio-pci-core.ko.xz
kept=$work/dkms/vfioguard/original_module/$kver/x86_64

# keep FOLDER TO: as dkms puts it away
keep()
{
	mkdir -p "$kept/$1"
	echo stock >"$kept/$1/${2##*/}"
	echo "$2" >"$kept/$1/${2##*/}.origin"
}

dkms_build stock "$kver"
result $? "nothing was taken away"
keep . "$stock"
dkms_build stock "$kver"
result $? "a module was taken away"
[ "$(cat "$stock")" = stock ]
result $? "it is back"
[ ! -e "$work/dkms/vfioguard/original_module" ]
result $? "and dkms has none to put back"
keep "collisions/kernel/drivers/vfio/pci" "$stock"
rm "$stock"
dkms_build stock "$kver"
[ "$(cat "$stock")" = stock ]
result $? "so is one of several"
echo newer >"$stock"
keep . "$stock"
dkms_build stock "$kver"
[ "$(cat "$stock")" = newer ]
result $? "what the kernel's package has put there since stays"
keep . "$work/elsewhere/vfio-pci-core.ko"
keep collisions "$work/lib/$kver/kernel/../../../elsewhere/vfio-pci-core.ko.xz"
dkms_build stock "$kver"
[ ! -e "$work/elsewhere" ]
result $? "a note can't have it written elsewhere"

dkms_build nonsense "$kver"
[ $? = 1 ] && grep -q "there are check, build and stock" "$work/err"
result $? "another word is refused"

done_testing
