// SPDX-License-Identifier: GPL-2.0-only
/* The audit system: whether it takes our records, and keeps them. */
#include <errno.h>
#include <libaudit.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "daemon/flood.h"
#include "doctor/internal.h"

/* The kernel's own record: include/uapi/linux/audit.h with the series. */
#define AUDIT_VFIO 1340
/* What all devices may write at once, and room for other programs'. */
#define BACKLOG "8192"
#define REPLY_MS 2000

/* Of audit_status.enabled: nothing can be changed until the next boot. */
#define IMMUTABLE 2

/* All that we write, docs/events.md. */
static const struct {
	unsigned int type;
	const char *name;
} records[] = {
	{ AUDIT_USER_DEVICE, "USER_DEVICE" },
	{ AUDIT_ANOM_MAX_MAC, "ANOM_MAX_MAC" },
	{ AUDIT_USER_MAC_POLICY_LOAD, "USER_MAC_POLICY_LOAD" },
	{ AUDIT_USER_MAC_STATUS, "USER_MAC_STATUS" },
	{ AUDIT_USER_MAC_CONFIG_CHANGE, "USER_MAC_CONFIG_CHANGE" },
	{ AUDIT_VFIO, "1340" },
};

/* Return: its type, 0 when no answer comes. */
static int reply(int fd, struct audit_reply *reply)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };

	if (poll(&in, 1, REPLY_MS) <= 0 ||
	    audit_get_reply(fd, reply, GET_REPLY_NONBLOCKING, 0) <= 0)
		return 0;
	return reply->type;
}

/* What auditctl can't change any more was set at the boot, by one of these files. */
static const char *changeable(const struct audit_status *status,
			      const char *remedy)
{
	return status->enabled == IMMUTABLE ?
		       "grep -nE -- '-a never|-a (user|exclude),never|-f 2|-b ' "
		       "/etc/audit/audit.rules /etc/audit/rules.d/*" :
		       remedy;
}

static bool ask_status(int fd, struct audit_status *status)
{
	struct audit_reply answer;
	int type;

	if (audit_request_status(fd) <= 0)
		return false;
	while ((type = reply(fd, &answer)))
		if (type == AUDIT_GET) {
			*status = *answer.status;
			return true;
		} else if (type == NLMSG_ERROR && answer.error->error) {
			return false;
		}
	return false;
}

static bool compare(__u32 a, __u32 operator, __u32 b)
{
	switch (operator) {
	case AUDIT_EQUAL:
		return a == b;
	case AUDIT_NOT_EQUAL:
		return a != b;
	case AUDIT_LESS_THAN:
		return a < b;
	case AUDIT_LESS_THAN_OR_EQUAL:
		return a <= b;
	case AUDIT_GREATER_THAN:
		return a > b;
	case AUDIT_GREATER_THAN_OR_EQUAL:
		return a >= b;
	default:
		return true;
	}
}

/*
 * Whether the rule takes a record of the type.  It is written by root; of what else
 * a rule may ask for (a program, an SELinux context) it is taken to be so.
 */
static bool rule_takes(const struct audit_rule_data *rule, __u32 type)
{
	__u32 i;

	for (i = 0; i < rule->field_count; i++) {
		__u32 operator= rule->fieldflags[i] & AUDIT_OPERATORS;
		__u32 value = rule->values[i];

		switch (rule->fields[i]) {
		case AUDIT_MSGTYPE:
			if (!compare(type, operator, value))
				return false;
			break;
		case AUDIT_UID:
		case AUDIT_EUID:
		case AUDIT_SUID:
		case AUDIT_FSUID:
		case AUDIT_GID:
		case AUDIT_EGID:
			if (!compare(0, operator, value))
				return false;
			break;
		case AUDIT_PID:
			/* Not ours for long. */
			if (operator== AUDIT_EQUAL)
				return false;
			break;
		}
	}
	return true;
}

/* What auditctl would be told to take the rule out. */
static void rule_text(const struct audit_rule_data *rule, char *out, size_t len)
{
	const char *text = rule->buf;
	size_t n;
	__u32 i;

	n = snprintf(out, len, "auditctl -d never,%s",
		     (rule->flags & ~AUDIT_FILTER_PREPEND) ==
				     AUDIT_FILTER_EXCLUDE ?
			     "exclude" :
			     "user");
	for (i = 0; i < rule->field_count && n < len; i++) {
		const char *field = audit_field_to_name(rule->fields[i]);
		__u32 operator= rule->fieldflags[i] & AUDIT_OPERATORS;
		const char *name = NULL;

		if (rule->fields[i] == AUDIT_FILTERKEY) {
			n += snprintf(out + n, len - n, " -k '%.*s'",
				      (int)rule->values[i], text);
			text += rule->values[i];
			continue;
		}
		n += snprintf(out + n, len - n, " -F '%s%s",
			      field ? field : "?",
			      audit_operator_to_symbol(operator));
		if (n >= len)
			break;
		if (rule->fields[i] == AUDIT_MSGTYPE)
			name = audit_msg_type_to_name((int)rule->values[i]);
		if (rule->fields[i] == AUDIT_EXE ||
		    (rule->fields[i] >= AUDIT_SUBJ_USER &&
		     rule->fields[i] <= AUDIT_SUBJ_CLR)) {
			n += snprintf(out + n, len - n, "%.*s'",
				      (int)rule->values[i], text);
			text += rule->values[i];
		} else if (name) {
			n += snprintf(out + n, len - n, "%s'", name);
		} else {
			n += snprintf(out + n, len - n, "%u'", rule->values[i]);
		}
	}
}

/* Of our records the kernel drops those that such a rule takes. */
static bool judge_rule(struct vg_host *host, const struct audit_status *status,
		       const struct audit_rule_data *rule)
{
	__u32 list = rule->flags & ~AUDIT_FILTER_PREPEND;
	char text[512];
	size_t i;

	if (rule->action != AUDIT_NEVER ||
	    (list != AUDIT_FILTER_EXCLUDE && list != AUDIT_FILTER_USER))
		return false;
	for (i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		if (!rule_takes(rule, records[i].type))
			continue;
		rule_text(rule, text, sizeof(text));
		vg_diagnose(host, "audit-rules", VG_HEALTH_FAULT,
			    changeable(status, text),
			    "a rule of the audit system drops our records of "
			    "type %s",
			    records[i].name);
		return true;
	}
	return false;
}

static void check_rules(struct vg_host *host, int fd,
			const struct audit_status *status)
{
	struct audit_reply answer;
	bool drops = false;
	int type;

	if (audit_request_rules_list_data(fd) <= 0)
		return;
	while ((type = reply(fd, &answer)) && type != NLMSG_DONE)
		if (type == AUDIT_LIST_RULES)
			drops |= judge_rule(host, status, answer.ruledata);
	if (type == NLMSG_DONE && !drops)
		vg_diagnose(host, "audit-rules", VG_HEALTH_OK, NULL,
			    "no rule of the audit system drops our records");
	else if (!drops)
		vg_diagnose(host, "audit-rules", VG_HEALTH_WARNING,
			    "auditctl -l",
			    "the audit system does not list its rules");
}

static void check_daemon(struct vg_host *host,
			 const struct audit_status *status)
{
	if (!status->enabled)
		vg_diagnose(host, "audit",
			    host->settings.audit == VG_AUDIT_REQUIRE ?
				    VG_HEALTH_FAULT :
				    VG_HEALTH_WARNING,
			    "auditctl -e 1",
			    "auditing is off, and the records go to the "
			    "journal");
	else if (!status->pid)
		vg_diagnose(host, "audit", VG_HEALTH_WARNING,
			    vg_systemd_runs() ? "systemctl restart auditd" :
						"auditd",
			    "no auditd takes the records, and the kernel "
			    "prints them to its log");
	else
		vg_diagnose(host, "audit", VG_HEALTH_OK, NULL,
			    "auditing is on, and auditd takes the records");
}

static void check_backlog(struct vg_host *host,
			  const struct audit_status *status)
{
	__u32 limit = status->backlog_limit;
	__u32 least = VG_FLOOD_BURST * VG_FLOOD_DEVICES;

	if (limit && status->backlog >= limit - limit / 10)
		vg_diagnose(host, "audit-backlog", VG_HEALTH_FAULT,
			    vg_systemd_runs() ? "systemctl restart auditd" :
						"auditd",
			    "%u records wait, and %u may: auditd does not take "
			    "them",
			    status->backlog, limit);
	else if (limit && limit < least)
		vg_diagnose(host, "audit-backlog", VG_HEALTH_WARNING,
			    changeable(status, "auditctl -b " BACKLOG),
			    "the kernel lets %u records wait for auditd, and "
			    "guests can make %u at once",
			    limit, least);
	else if (status->lost)
		vg_diagnose(
			host, "audit-backlog", VG_HEALTH_WARNING,
			changeable(status, "auditctl --reset-lost"),
			"the kernel lost %u records, ours or others', since "
			"it was booted or told to forget them",
			status->lost);
	else
		vg_diagnose(host, "audit-backlog", VG_HEALTH_OK, NULL,
			    "no record was lost, and %u may wait", limit);
}

static void check_failure(struct vg_host *host,
			  const struct audit_status *status)
{
	if (status->failure == AUDIT_FAIL_PANIC)
		vg_diagnose(host, "audit-failure", VG_HEALTH_WARNING,
			    changeable(status, "auditctl -f 1"),
			    "the kernel panics when a record is lost (failure "
			    "mode 2), so whoever makes many takes the host "
			    "down");
	else
		vg_diagnose(host, "audit-failure", VG_HEALTH_OK, NULL,
			    "the kernel goes on when a record is lost");
}

void vg_check_audit(struct vg_host *host)
{
	struct audit_status status;
	int fd;

	if (host->settings.audit == VG_AUDIT_NO) {
		vg_diagnose(host, "audit", VG_HEALTH_OK, NULL,
			    "the records go to the journal, as " VG_CONFIG_FILE
			    " says");
		return;
	}
	fd = audit_open();
	if (fd < 0) {
		vg_diagnose(
			host, "audit", VG_HEALTH_WARNING,
			"sed -i 's/^#*audit *=.*/audit = no/' " VG_CONFIG_FILE,
			"this kernel has no auditing: the records go to the "
			"journal");
		return;
	}
	if (ask_status(fd, &status)) {
		check_daemon(host, &status);
		check_backlog(host, &status);
		check_failure(host, &status);
		check_rules(host, fd, &status);
	} else {
		vg_diagnose(host, "audit", VG_HEALTH_WARNING, "auditctl -s",
			    "the audit system does not answer; in a container "
			    "it never does");
	}
	audit_close(fd);
}
