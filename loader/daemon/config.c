// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config.h"
#include "policy/policy.h"
#include "util/log.h"

#define BLANKS " \t\r\n"

struct parser {
	struct vg_settings *settings;
	struct vg_findings findings;
	struct vg_pos pos;
	unsigned int given; /* bit of each key: twice is a mistake */
};

/* Each gets the value, and returns what is wrong with it or NULL. */
static const char *set_path(char to[PATH_MAX], const char *value)
{
	if (value[0] != '/')
		return "write a path that starts with /";
	if (strlen(value) >= PATH_MAX)
		return "write a shorter path";
	strcpy(to, value);
	return NULL;
}

static const char *set_policy(struct vg_settings *s, const char *value)
{
	return set_path(s->policy, value);
}

static const char *set_metrics(struct vg_settings *s, const char *value)
{
	s->metrics[0] = '\0';
	return value[0] ? set_path(s->metrics, value) : NULL;
}

static const char *set_audit(struct vg_settings *s, const char *value)
{
	if (!strcmp(value, "yes"))
		s->audit = VG_AUDIT_YES;
	else if (!strcmp(value, "no"))
		s->audit = VG_AUDIT_NO;
	else if (!strcmp(value, "require"))
		s->audit = VG_AUDIT_REQUIRE;
	else
		return "write yes, no or require";
	return NULL;
}

static const char *set_interval(struct vg_settings *s, const char *value)
{
	unsigned long n;
	char *end;

	n = strtoul(value, &end, 10);
	if (end == value || *end || n < 1 || n > 3600)
		return "write seconds, 1 to 3600";
	s->metrics_interval = n;
	return NULL;
}

static const char *set_lock(struct vg_settings *s, const char *value)
{
	s->lock = !strcmp(value, "yes");
	return s->lock || !strcmp(value, "no") ? NULL : "write yes or no";
}

static const struct key {
	const char *name;
	const char *(*set)(struct vg_settings *s, const char *value);
} keys[] = {
	{ "policy", set_policy },   { "audit", set_audit },
	{ "metrics", set_metrics }, { "metrics_interval", set_interval },
	{ "lock", set_lock },
};

#define NR_KEYS (sizeof(keys) / sizeof(keys[0]))

static void set_key(struct parser *p, const char *name, const char *value,
		    unsigned int value_column)
{
	const char *wrong;
	size_t i;

	for (i = 0; i < NR_KEYS; i++)
		if (!strcmp(keys[i].name, name))
			break;
	if (i == NR_KEYS) {
		vg_finding_add(&p->findings, VG_ERROR, &p->pos,
			       "there are policy, audit, metrics, "
			       "metrics_interval and lock",
			       "no key '%s'", name);
		return;
	}
	if (p->given & 1u << i) {
		vg_finding_add(&p->findings, VG_ERROR, &p->pos,
			       "keep one of the lines", "'%s' is set twice",
			       name);
		return;
	}
	p->given |= 1u << i;

	wrong = keys[i].set(p->settings, value);
	if (!wrong)
		return;
	p->pos.column = value_column;
	vg_finding_add(&p->findings, VG_ERROR, &p->pos, wrong,
		       "'%s' is no value for %s", value, name);
}

/* Cuts blanks at the end; what is before them stays in place. */
static void trim(char *text)
{
	size_t n = strlen(text);

	while (n && strchr(BLANKS, text[n - 1]))
		text[--n] = '\0';
}

static void parse_line(struct parser *p, char *line)
{
	char *name, *equals, *value;

	line[strcspn(line, "#")] = '\0';
	trim(line);
	name = line + strspn(line, BLANKS);
	if (!*name)
		return;
	p->pos.column = name - line + 1;

	equals = strchr(name, '=');
	if (!equals) {
		vg_finding_add(&p->findings, VG_ERROR, &p->pos,
			       "write: key = value", "this line sets nothing");
		return;
	}
	*equals = '\0';
	value = equals + 1 + strspn(equals + 1, BLANKS);
	trim(name);
	set_key(p, name, value, value - line + 1);
}

void vg_config_defaults(struct vg_settings *settings)
{
	*settings = (struct vg_settings){
		.policy = "/etc/vfioguard/policy.d",
		.audit = VG_AUDIT_YES,
		.metrics_interval = 15,
	};
}

enum vg_exit vg_config_read(const char *path, bool optional,
			    struct vg_settings *settings)
{
	struct parser p = { .settings = settings, .pos = { .file = path } };
	enum vg_exit ret = VG_EXIT_OK;
	char *line = NULL;
	size_t room = 0;
	FILE *f;

	f = fopen(path, "re");
	if (!f) {
		if (optional && errno == ENOENT)
			return VG_EXIT_OK;
		vg_error("can't read %s: %s", path, strerror(errno));
		return VG_EXIT_USAGE;
	}
	while (getline(&line, &room, f) >= 0) {
		p.pos.line++;
		parse_line(&p, line);
	}
	free(line);
	fclose(f);

	vg_findings_print(&p.findings, stderr);
	if (p.findings.errors)
		ret = VG_EXIT_USAGE;
	vg_findings_free(&p.findings);
	return ret;
}
