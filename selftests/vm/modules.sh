# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# modules.sh - take a kernel's modules for an initramfs.
#
# Sourced. MODULES is the lib/modules/KVER that vm-image.sh prints.
#
#	list_modules MODULES NAME...	print the files that these take, in the order in
#					which they must be inserted, each once; none for
#					what is built in. Fails if there is no such module
#	put_module FILE TO		copy one, uncompressed; TO ends in .ko

list_modules()
{
	local modules=$1 name all

	shift
	all=$(for name; do
		modprobe -d "${modules%/lib/modules/*}" -S "${modules##*/}" --show-depends "$name" || exit
	done) || return
	awk '$1 == "insmod" && !seen[$2]++ { print $2 }' <<< "$all"
}

put_module()
{
	case $1 in
	*.xz) xz -dc "$1" > "$2" ;;
	*.zst) zstd -qdc "$1" > "$2" ;;
	*) cp "$1" "$2" ;;
	esac
}

# module_name FILE: its name without the folder and the compression
module_name()
{
	local name=${1##*/}

	echo "${name%.ko*}.ko"
}
