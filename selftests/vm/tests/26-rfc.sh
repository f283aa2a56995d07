#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 26-rfc.sh - what becomes of the audit log when every access is a record of its own,
# as in the RFC of 2025, and with the records bounded (runs on the host).
#
# For the first the series is built without its rate limit, into a folder of the
# test's own.
#
# vm-host

top=$(cd "$(dirname "$0")/../../.." && pwd)
dir=$top/build/vm/26-rfc
n=0 failed=0

# check NAME COMMAND...
check()
{
	local name=$1

	n=$((n + 1))
	shift
	if "$@"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		failed=1
	fi
}

rm -rf "$dir"
mkdir -p "$dir/tree"
cp -r "$top/scripts" "$top/kernel-patches" "$dir/tree"
sed -i 's/^+\tif (__ratelimit(&limit->state))$/+\tif (1)/' "$dir"/tree/kernel-patches/6.12/0004-*.patch
check "the rate limit can be taken out" grep -q '^+	if (1)$' "$dir"/tree/kernel-patches/6.12/0004-*.patch
unlimited=$("$dir/tree/scripts/module.sh" 2> "$dir/module.log") || cat "$dir/module.log"
check "the series builds without it" test -f "$unlimited"

# run NAME MODULE: 20,000 reads, with Debian's own settings of audit; leaves the
# figures in $lost and $records
run()
{
	cat > "$dir/$1.sh" <<-END
		#!/bin/bash
		. "\$VM_SRC/selftests/vm/guest-lib.sh"
		start_auditd
		load_vfio --core "$2" ${3:-}
		bind_vfio "\$VM_E1000E"
		${4:-}
		vfio_cfg "\$VM_E1000E" "loop 20000 r 80 1"
		# Until auditd has all that there is; it begins new files meanwhile.
		for ((i = 0; i < 120; i++)); do
			sleep 1
			[ "\$(auditctl -s | sed -n 's/^backlog //p')" -gt 2 ] || break
		done
		audit_sync
		auditctl -s | sed -n 's/^lost /lost /p'
		echo "records \$(grep -hE '^type=(UNKNOWN\[1340\]|USER_DEVICE) ' /var/log/audit/audit.log* | wc -l)"
		exit 0
	END
	chmod +x "$dir/$1.sh"
	"$top/selftests/vm/run.sh" --out "$dir/$1" --timeout 180 -- "$dir/$1.sh" > "$dir/$1.log" 2>&1
	lost=$(sed -n 's/^lost //p' "$dir/$1/out.log")
	records=$(sed -n 's/^records //p' "$dir/$1/out.log")
	echo "# $1: 20000 reads, ${records:-?} records in the log, ${lost:-?} lost"
	[ -n "$records" ] || tail -n 20 "$dir/$1.log" | sed 's/^/# /'
}

ours=$top/build/module/$(basename "$(dirname "$unlimited")")/vfio-pci-core.ko
native="block_pci_unassigned_read=1"
run unlimited "$unlimited" "$native"
check "a record for each access: 20,000 are in the log or lost" test "$((lost + records))" = 20000
run unlimited-64 "$unlimited" "$native" "auditctl -b 64 > /dev/null"
check "with the kernel's own backlog of 64 most are" test "${lost:-0}" -gt 10000
run unlimited-panic "$unlimited" "$native" "auditctl -f 2 -b 64 > /dev/null"
check "with -f 2, as certified hosts have it, that is the end of the host" \
	grep -q 'Kernel panic - not syncing: audit: backlog limit exceeded' "$dir/unlimited-panic/console.log"
run native "$ours" "$native" "auditctl -f 2 -b 64 > /dev/null"
check "the series alone, with -f 2 -b 64: none is lost" test "${lost:-1}" = 0
check "and it is seen" test "${records:-0}" -ge 1
# shellcheck disable=SC2016 # for the script in the VM
run daemon "$ours" "" 'auditctl -f 2 -b 64 > /dev/null; start_daemon "$VM_SRC/policies/strict.policy"'
check "with the daemon, with -f 2 -b 64: none is lost" test "${lost:-1}" = 0
check "and there is one record" test "${records:-0}" = 1
echo "1..$n"
exit "$failed"
