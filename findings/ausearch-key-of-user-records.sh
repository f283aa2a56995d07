#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ausearch-key-of-user-records.sh - a key that a program writes into its own record is
# not a key to ausearch and aureport.
#
# auditd 1:3.0.9-1 (Debian 12).  Audit rules give records a key, key="...", and one looks
# for them with `ausearch -k` or counts them with `aureport -k`.  A program that sends a
# record of its own (audit_log_user_message(), here USER_DEVICE) may put the same field
# into it.  One would bet that the tools find it by the field's name, as they find auid=
# and exe= there.  They look for a key only in records of the kernel: of the three
# records below, all with key="guests", two are found.  What finds the third is grep, or
# auparse(3), to which a field is a field.
#
# Seen:
#	ausearch -k guests			SYSCALL, CONFIG_CHANGE
#	ausearch -k guests -m USER_DEVICE	<no matches>
#	ausearch -m USER_DEVICE -x /usr/sbin/tool	the record, key and all
#	aureport -k				2 lines of 3
#
# Exit status: 0 as seen, 1 if something differs.

set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get download -qq auditd=1:3.0.9-1 libaudit1=1:3.0.9-1 libauparse0=1:3.0.9-1 2> apt.log ||
	{ cat apt.log >&2; exit 1; }
for deb in *.deb; do
	dpkg-deb -x "$deb" root
done
lib=$(find root -name 'lib*.so.*' -printf '%h\n' | sort -u | paste -sd :)

cat > log <<'LOG'
type=USER_DEVICE msg=audit(1700000000.100:54): pid=217 uid=0 auid=1000 ses=1 subj=unconfined msg='op=change key="guests" device="0000:01:00.0" exe="/usr/sbin/tool" hostname=? addr=? terminal=? res=success'
type=SYSCALL msg=audit(1700000001.100:55): arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7ffd a2=0 a3=0 items=1 ppid=1 pid=218 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=1 comm="cat" exe="/usr/bin/cat" subj=unconfined key="guests"
type=CONFIG_CHANGE msg=audit(1700000002.100:56): auid=1000 ses=1 subj=unconfined op=add_rule key="guests" list=4 res=1
LOG

# types ARGS...: of the records that ausearch finds, or what it says instead
types()
{
	LD_LIBRARY_PATH=$lib root/sbin/ausearch -if log "$@" 2>&1 |
		sed -n 's/^type=\([A-Z_]*\) .*/\1/p; /^<no matches>/p' | paste -sd ' '
}

bad=0
# expect WHAT WANTED GOT
expect()
{
	printf '%-48s %s\n' "$1" "$3"
	[ "$2" = "$3" ] || { echo "expected: $2" >&2; bad=1; }
}

expect "ausearch -k guests" "SYSCALL CONFIG_CHANGE" "$(types -k guests)"
expect "ausearch -k guests -m USER_DEVICE" "<no matches>" "$(types -k guests -m USER_DEVICE || true)"
expect "ausearch -m USER_DEVICE -x /usr/sbin/tool" "USER_DEVICE" "$(types -m USER_DEVICE -x /usr/sbin/tool)"
expect "aureport -k, lines" 2 \
	"$(LD_LIBRARY_PATH=$lib root/sbin/aureport -if log -k | grep -c '^[0-9]')"
exit "$bad"
