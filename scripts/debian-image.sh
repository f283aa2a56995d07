#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/debian-image.sh: print the path of a fresh Debian 12 system, a tar file: the
# stock 6.12 kernel, systemd, and nothing of vfioguard. It comes from where the
# machine's own apt takes Debian's packages.
#
# What installing the packages takes is in its apt cache, downloaded and not
# installed, so that the system needs no network. Kept in the cache, named by what
# went into it.

. "$(dirname "$0")/common.sh"

system=systemd-sysv,udev,kmod,dbus,initramfs-tools,linux-image-$SERIES-amd64

# What our packages depend on and recommend, as an installation would choose.
wanted()
{
	awk '
		/^Package:|^Build-Depends:/ { on = 0 }
		/^(Depends|Recommends):/ { on = 1; next }
		/^[A-Z]/ { on = 0 }
		on { sub(/,.*/, ""); sub(/ *\|.*/, ""); print $1 }' \
		"$TOP/packaging/debian/control" | grep -vE '^(\$|vfioguard)' | sort -u
	# The first package's shared libraries, and what builds modules.
	printf '%s\n' dkms libaudit1 libcap-ng0 libelf1 zlib1g openssl
}

# The machine's sources of Debian itself, not what else it has.
sources()
{
	grep -lsE '/debian(-security)?/?( |$)' /etc/apt/sources.list \
		/etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources
}

mapfile -t from < <(sources)
[ "${#from[@]}" -gt 0 ] || die "apt has no source of Debian's packages"
mapfile -t packages < <(wanted | sort -u)
newest=$(apt-cache policy "linux-image-$SERIES-amd64" | sed -n 's/^ *Candidate: *//p')
hash=$(
	{
		cat "${BASH_SOURCE[0]}"
		echo "${packages[*]} $newest"
	} | sha256sum | cut -c1-16
)
image=$CACHE/images/debian-12-$hash.tar
if [ ! -f "$image" ]; then
	say "making a Debian 12 system with kernel $newest"
	mkdir -p "$CACHE/images"
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	# apt's own user looks into the folder.
	chmod 755 "$work"
	# shellcheck disable=SC2016 # the hook's own variable
	TMPDIR=$work mmdebstrap --mode=root --format=tar --variant=minbase --include="$system" \
		--skip=cleanup/apt --dpkgopt=force-unsafe-io \
		--essential-hook='mkdir -p "$1/etc/initramfs-tools" && printf "%s\n" virtio_pci virtio_blk ext4 >"$1/etc/initramfs-tools/modules"' \
		--customize-hook='sed -i "s/^MODULES=.*/MODULES=list/" "$1/etc/initramfs-tools/initramfs.conf" && chroot "$1" update-initramfs -u' \
		--customize-hook='chroot "$1" apt-get -y -q -o APT::Install-Recommends=true --download-only install '"${packages[*]}" \
		bookworm "$image.new" "${from[@]}" >"$work/log" 2>&1 || {
		tail -n 30 "$work/log" >&2
		die "the Debian 12 system could not be made"
	}
	# The older ones are of no more use.
	rm -f "$CACHE"/images/debian-12-*.tar
	mv "$image.new" "$image"
fi
echo "$image"
