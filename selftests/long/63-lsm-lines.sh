#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 63-lsm-lines.sh - the stock 6.12 booted with the LSMs and the preemption of other
# distributions: in which mode the default policy comes into force there, and whether a
# write stays off the bus. docs/distributions.md has where these lines come from.

set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=selftests/long/lib/count.sh
. "${0%/*}/lib/count.sh"

# distribution NAME DOOR PARAMETER...: DOOR is stock, or observe
distribution()
{
	local name=$1 door=$2 out=$top/build/vm/63-lsm-lines-$1 rc

	shift 2
	echo "## $name: $*"
	"$top/selftests/vm/run.sh" --name "lsm-$name" --out "$out" --timeout 200 \
		--append "$* vm_door=$door" -- "$top/selftests/long/tests/lsm-line.sh" | tee "$out.tap"
	rc=${PIPESTATUS[0]}
	count "$name" "$out.tap"
	[ "$rc" = 0 ] || grep -q '^not ok ' "$out.tap" || result 1 "$name ended well (exit status $rc)"
}

mkdir -p "$top/build/vm"
distribution proxmox-8 stock lsm=lockdown,yama,integrity,apparmor preempt=voluntary
distribution proxmox-lazy observe lsm=lockdown,yama,integrity,apparmor preempt=full
distribution ubuntu-24.04 stock lsm=landlock,lockdown,yama,integrity,apparmor preempt=voluntary
distribution rhel-9-secure-boot stock lsm=lockdown,yama,integrity,selinux,bpf preempt=voluntary lockdown=integrity
distribution fedora stock lsm=lockdown,yama,integrity,selinux,bpf,landlock,ipe preempt=full
distribution arch stock lsm=landlock,lockdown,yama,integrity,bpf preempt=full
distribution talos stock lsm=yama,selinux,safesetid,integrity,bpf,apparmor,lockdown,landlock preempt=none
distribution flatcar stock lsm=landlock,lockdown,yama,loadpin,safesetid,integrity,selinux,smack,tomoyo,apparmor preempt=voluntary
distribution nixos stock lsm=landlock,yama,bpf preempt=voluntary
distribution confidentiality none lsm=lockdown,yama,integrity,bpf lockdown=confidentiality
finish
