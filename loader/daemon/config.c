// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/config.h"
#include "policy/policy.h"
#include "util/log.h"
#include "util/text_file.h"

#define BLANKS " \t"
/* Settings and comments of a few screens; the one that is shipped has 2 KiB. */
#define MAX_BYTES (64UL << 10)

struct parser {
	struct vg_settings *settings;
	struct vg_findings findings;
	struct vg_pos pos;
	unsigned int given; /* bit of each key: twice is a mistake */
	bool no_memory;
};

__attribute__((format(printf, 3, 4))) static void
mistake(struct parser *p, const char *hint, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (!vg_finding_vadd(&p->findings, VG_ERROR, &p->pos, hint, fmt, args))
		p->no_memory = true;
	va_end(args);
}

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
	size_t len = strlen(value);
	unsigned int n = 0;

	/* Digits alone, and so few that they fit. */
	if (len <= 4 && strspn(value, "0123456789") == len)
		n = atoi(value);
	if (n < 1 || n > 3600)
		return "write seconds, 1 to 3600";
	s->metrics_interval = n;
	return NULL;
}

static const char *set_lock(struct vg_settings *s, const char *value)
{
	s->lock = !strcmp(value, "yes");
	return s->lock || !strcmp(value, "no") ? NULL : "write yes or no";
}

static const char *set_mode(struct vg_settings *s, const char *value)
{
	return vg_door_wish_parse(value, &s->mode) ?
		       "write auto, hook, stock or observe" :
		       NULL;
}

static const struct key {
	const char *name;
	const char *(*set)(struct vg_settings *s, const char *value);
} keys[] = {
	{ "policy", set_policy },   { "audit", set_audit },
	{ "metrics", set_metrics }, { "metrics_interval", set_interval },
	{ "lock", set_lock },	    { "mode", set_mode },
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
		mistake(p,
			"there are policy, audit, metrics, metrics_interval "
			"and lock",
			"no key '%s'", name);
		return;
	}
	if (p->given & 1u << i) {
		mistake(p, "keep one of the lines", "'%s' is set twice", name);
		return;
	}
	p->given |= 1u << i;

	wrong = keys[i].set(p->settings, value);
	if (!wrong)
		return;
	p->pos.column = value_column;
	mistake(p, wrong, "'%s' is no value for %s", value, name);
}

/* Cuts blanks at the end; what is before them stays in place. */
static void trim(char *text)
{
	size_t n = strlen(text);

	while (n && strchr(BLANKS, text[n - 1]))
		text[--n] = '\0';
}

/* Whether all bytes of a line are text; in a comment all but NUL are. */
static bool is_text(struct parser *p, const char *line, size_t len)
{
	size_t i, comment = len;

	for (i = 0; i < len; i++) {
		unsigned char byte = line[i];

		if (byte == '#' && comment == len)
			comment = i;
		if (byte && (i > comment || byte == '\t' ||
			     (byte >= ' ' && byte <= '~')))
			continue;
		p->pos.column = i + 1;
		mistake(p,
			byte ? "only printable ASCII may stand outside "
			       "comments" :
			       "is this a text file?",
			"byte 0x%02x can't stand here", byte);
		return false;
	}
	return true;
}

/* @line: ended by NUL, and changed */
static void parse_line(struct parser *p, char *line, size_t len)
{
	char *name, *equals, *value;

	if (!is_text(p, line, len))
		return;
	line[strcspn(line, "#")] = '\0';
	trim(line);
	name = line + strspn(line, BLANKS);
	if (!*name)
		return;
	p->pos.column = name - line + 1;

	equals = strchr(name, '=');
	if (!equals) {
		mistake(p, "write: key = value", "this line sets nothing");
		return;
	}
	*equals = '\0';
	value = equals + 1 + strspn(equals + 1, BLANKS);
	trim(name);
	set_key(p, name, value, value - line + 1);
}

/* @text has room for a NUL behind its @len bytes */
static void parse_text(struct parser *p, char *text, size_t len)
{
	char *at = text, *end = text + len;

	while (at < end) {
		char *newline = memchr(at, '\n', end - at);
		char *behind = newline ? newline : end;

		p->pos.line++;
		/* A line of Windows ends in both; elsewhere \r hides what follows. */
		if (behind > at && behind[-1] == '\r')
			behind[-1] = ' ';
		*behind = '\0';
		parse_line(p, at, behind - at);
		at = behind + 1;
	}
}

void vg_config_defaults(struct vg_settings *settings)
{
	*settings = (struct vg_settings){
		.policy = "/etc/vfioguard/policy.d",
		.audit = VG_AUDIT_YES,
		.metrics_interval = 15,
	};
}

/* A link that leads nowhere is there all the same. */
static bool is_absent(const char *path)
{
	struct stat st;

	return lstat(path, &st) && errno == ENOENT;
}

/* Return: 0 or a negative errno; @text has room for one more byte. */
static int read_text(const char *path, char **text, size_t *len)
{
	struct stat st;
	int fd, ret;

	fd = vg_text_open(path, &st);
	if (fd < 0)
		return fd;
	ret = S_ISDIR(st.st_mode) ?
		      -EISDIR :
		      vg_text_read(fd, st.st_size, MAX_BYTES, text, len);
	close(fd);
	return ret;
}

enum vg_exit vg_config_read(const char *path, bool optional,
			    struct vg_settings *settings)
{
	struct parser p = { .settings = settings, .pos = { .file = path } };
	enum vg_exit ret = VG_EXIT_OK;
	size_t len = 0;
	char *text;
	int err;

	if (optional && is_absent(path))
		return VG_EXIT_OK;
	err = read_text(path, &text, &len);
	if (err) {
		vg_error("can't read %s: %s", path, vg_text_error(err));
		return VG_EXIT_USAGE;
	}
	parse_text(&p, text, len);
	free(text);

	if (p.findings.nr && vg_log_kept())
		vg_error("%s:%u: %s", path, p.findings.list[0].pos.line,
			 p.findings.list[0].what);
	else
		vg_findings_print(&p.findings, stderr);
	if (p.no_memory)
		vg_error("can't read %s: %s", path, strerror(ENOMEM));
	if (p.findings.errors || p.no_memory)
		ret = VG_EXIT_USAGE;
	vg_findings_free(&p.findings);
	return ret;
}
