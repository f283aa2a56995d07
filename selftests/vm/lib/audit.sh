# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lib/audit.sh - the real audit daemon, with Debian's own configuration.
#
#	start_auditd	start it and wait until it takes records
#	audit_sync	wait until what has been recorded so far is in the log
#	stop_auditd
#
# The log is /var/log/audit/audit.log, in memory.

start_auditd()
{
	local i

	# Not -f: that sends records to stderr instead of the log.
	auditd -n > /run/vm/auditd.log 2>&1 9>&- &
	auditd_pid=$!
	for ((i = 0; i < 200; i++)); do
		if grep -qs 'type=DAEMON_START' /var/log/audit/audit.log; then
			auditctl -R /etc/audit/audit.rules > /run/vm/auditctl.log 2>&1
			return 0
		fi
		kill -0 "$auditd_pid" 2>/dev/null || break
		sleep 0.05
	done
	echo "start_auditd: auditd did not start:" >&2
	cat /run/vm/auditd.log >&2
	return 1
}

# A record of our own is last in the queue: when it is in the log, so is the rest.
audit_sync()
{
	local tag i

	tag=vmsync-$BASHPID-$RANDOM
	auditctl -m "$tag" > /dev/null || return
	for ((i = 0; i < 200; i++)); do
		grep -qs "$tag" /var/log/audit/audit.log && return 0
		sleep 0.05
	done
	echo "audit_sync: record did not arrive" >&2
	return 1
}

stop_auditd()
{
	kill "$auditd_pid" && wait "$auditd_pid"
}
