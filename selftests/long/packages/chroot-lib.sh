# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# packages/chroot-lib.sh - sourced by the steps of 60-packages.sh that run in a chroot.
#
#	check NAME COMMAND...	a case; what it prints goes to the log, shown if it fails
#	not COMMAND...
#	built KVER		dkms has the module for this kernel
#	make_log KVER		what building it said
#	of_module KVER FIELD GLOB	what modinfo says of the module modprobe would take
#	whole			dpkg misses nothing of the kernels' packages

log=/root/packages/log
said=

check()
{
	local name=$1

	shift
	if "$@" > /root/packages/out 2>&1; then
		said+="ok - $name"$'\n'
		echo "ok - $name"
	else
		said+="not ok - $name"$'\n'
		echo "not ok - $name"
		tail -n 20 /root/packages/out | sed 's/^/# /'
	fi
	cat /root/packages/out >> "$log"
}

not()
{
	! "$@"
}

built()
{
	dkms status vfioguard | grep -q "vfioguard/$OLD, $1, x86_64: installed"
}

make_log()
{
	echo "/var/lib/dkms/vfioguard/$OLD/$1/x86_64/log/make.log"
}

of_module()
{
	local have

	have=$(modinfo -k "$1" -F "$2" vfio-pci-core)
	echo "$2: $have"
	# shellcheck disable=SC2053 # a glob
	[[ $have == $3 ]]
}

whole()
{
	local -a list

	# shellcheck disable=SC2016 # dpkg's own variables
	mapfile -t list < <(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 'linux-*' | sed -n 's/^ii //p')
	[ -z "$(dpkg -V "${list[@]}" | tee /dev/stderr)" ]
}
