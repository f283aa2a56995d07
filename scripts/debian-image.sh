#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/debian-image.sh [SUITE]: print the path of a fresh Debian system, a tar file:
# the suite's stock 6.12 kernel, systemd, and nothing of vfioguard. SUITE is bookworm
# (Debian 12, the default) or trixie (Debian 13). Its packages come from where the
# machine's own apt takes Debian's, through lists of their own.
#
# What installing our packages takes is in its apt cache, downloaded and not installed,
# so that the system needs no network. So is the newer kernel of the suite's backports
# that there is a series for.
#
# Kept in the cache, named by what went into it.

. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/apt-suite.sh"

suite=${1:-bookworm}
newer=()
case $suite in
bookworm)
	release=12 kernel=linux-image-6.12-amd64
	sources=(bookworm bookworm-updates bookworm-security)
	;;
trixie)
	release=13 kernel=linux-image-amd64
	sources=(trixie trixie-updates trixie-security trixie-backports)
	newer=(linux-image-amd64 linux-headers-amd64 linux-source-7.3)
	;;
*)
	die "no Debian '$suite'; there are bookworm and trixie"
	;;
esac
system=systemd-sysv,udev,kmod,dbus,initramfs-tools,$kernel

# What our packages depend on and recommend, in apt's words, so that it chooses among
# alternatives as in an installation.
wanted()
{
	awk '
		/^(Depends|Recommends):/ && package { on = 1; next }
		/^Package:/ { package = 1 }
		/^[A-Z]/ { on = 0 }
		on { gsub(/^ +|,.*/, ""); print }' \
		"$TOP/packaging/debian/control" | grep -vE '^(\$|vfioguard)' | sort -u
	# What builds modules and signs them; shared libraries come by their own names.
	printf '%s\n' dkms openssl libaudit1 libcap-ng0 'libelf1 | libelf1t64' zlib1g
}

# The line of apt for a suite
source_line()
{
	local uri

	uri=$(apt_mirror "$1") || exit 1
	echo "deb [signed-by=$apt_keyring] $uri $1 main"
}

mapfile -t packages < <(wanted | sort -u)
known=$(apt-cache policy "$kernel" | sed -n "s|^ *Candidate: *||p")
apt-cache policy | grep -q "n=$suite," || known=
hash=$(
	{
		cat "${BASH_SOURCE[0]}"
		echo "${packages[*]} $known"
	} | sha256sum | cut -c1-16
)
image=$CACHE/images/debian-$release-$hash.tar
if [ ! -f "$image" ]; then
	[ -f "$apt_keyring" ] ||
		die "$apt_keyring is missing; run: apt-get install debian-archive-keyring"
	say "making a Debian $release system"
	mkdir -p "$CACHE/images"
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	# apt's own user looks into the folder.
	chmod 755 "$work"
	for name in "${sources[@]}"; do
		source_line "$name" >>"$work/sources"
	done
	mapfile -t from <"$work/sources"
	printf '%s, ' "${packages[@]}" >"$work/wanted"
	get='apt-get -y -q -o APT::Install-Recommends=true --download-only'
	hooks=()
	[ "${#newer[@]}" = 0 ] ||
		hooks+=(--customize-hook="chroot \"\$1\" $get -t $suite-backports install ${newer[*]}")
	# shellcheck disable=SC2016 # the hook's own variable
	TMPDIR=$work mmdebstrap --mode=root --format=tar --variant=minbase --include="$system" \
		--skip=cleanup/apt --dpkgopt=force-unsafe-io \
		--essential-hook='mkdir -p "$1/etc/initramfs-tools" && printf "%s\n" virtio_pci virtio_blk ext4 >"$1/etc/initramfs-tools/modules"' \
		--customize-hook='sed -i "s/^MODULES=.*/MODULES=list/" "$1/etc/initramfs-tools/initramfs.conf" && chroot "$1" update-initramfs -u' \
		--customize-hook="chroot \"\$1\" $get satisfy '$(sed 's/, $//' "$work/wanted")'" \
		"${hooks[@]}" "$suite" "$image.new" "${from[@]}" >"$work/log" 2>&1 || {
		tail -n 30 "$work/log" >&2
		die "the Debian $release system could not be made"
	}
	# The older ones are of no more use.
	rm -f "$CACHE/images/debian-$release"-*.tar
	mv "$image.new" "$image"
fi
echo "$image"
