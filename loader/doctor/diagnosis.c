// SPDX-License-Identifier: GPL-2.0-only
/* What was found, and the words of a remedy. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/internal.h"

static const char *const words[VG_HEALTHS] = { "ok", "warning", "fault" };

const char *vg_health_word(enum vg_health health)
{
	return words[health];
}

static struct vg_diagnosis *add(struct vg_diagnoses *d)
{
	struct vg_diagnosis *more;

	if (d->nr == d->room) {
		size_t room = d->room ? 2 * d->room : 32;

		more = reallocarray(d->list, room, sizeof(*more));
		if (!more)
			return NULL;
		d->list = more;
		d->room = room;
	}
	return &d->list[d->nr];
}

/* Nobody changes a locked policy; what its file says holds from the next boot on. */
static const char *possible(const struct vg_host *host, const char *remedy)
{
	static const char *const changes[] = { "vfioguard load ",
					       "vfioguard unload",
					       "vfioguard deny ",
					       "vfioguard learn " };
	size_t i;

	for (i = 0;
	     remedy && host->locked && i < sizeof(changes) / sizeof(changes[0]);
	     i++)
		if (!strncmp(remedy, changes[i], strlen(changes[i])))
			return "reboot";
	return remedy;
}

void vg_diagnose(struct vg_host *host, const char *check, enum vg_health health,
		 const char *remedy, const char *fmt, ...)
{
	struct vg_diagnoses *d = host->out;
	struct vg_diagnosis *new = add(d);
	va_list args;

	remedy = possible(host, remedy);
	/* Counted all the same: nobody must take half of a look for all is well. */
	d->count[health]++;
	if (!new) {
		d->err = -ENOMEM;
		return;
	}
	*new = (struct vg_diagnosis){ .check = check, .health = health };
	va_start(args, fmt);
	if (vasprintf(&new->text, fmt, args) < 0)
		new->text = NULL;
	va_end(args);
	if (remedy && remedy[0])
		new->remedy = strdup(remedy);
	if (!new->text || (remedy && remedy[0] && !new->remedy)) {
		free(new->text);
		free(new->remedy);
		d->err = -ENOMEM;
		return;
	}
	d->nr++;
}

void vg_diagnose_message(struct vg_host *host, const char *check,
			 enum vg_health health, const char *message)
{
	static const char mark[] = "run: ";
	const char *remedy = strstr(message, mark);
	int len = remedy ? (int)(remedy - message) : (int)strlen(message);

	while (remedy && len && strchr("; ", message[len - 1]))
		len--;
	vg_diagnose(host, check, health,
		    remedy ? remedy + sizeof(mark) - 1 : NULL, "%.*s", len,
		    message);
}

const char *vg_remedy(const char *fmt, ...)
{
	static char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return text;
}

const char *vg_quoted(const char *name, char buf[VG_QUOTED_LEN])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-+:@,=";
	size_t n = 0;

	if (name[0] && !name[strspn(name, plain)] &&
	    strlen(name) < VG_QUOTED_LEN) {
		strcpy(buf, name);
		return buf;
	}
	buf[n++] = '\'';
	/* Room for the longest that a byte becomes, and the end. */
	for (; *name && n < VG_QUOTED_LEN - 6; name++) {
		if (*name == '\'') {
			memcpy(buf + n, "'\\''", 4);
			n += 4;
		} else {
			buf[n++] = *name;
		}
	}
	buf[n++] = '\'';
	buf[n] = '\0';
	return buf;
}

void vg_diagnoses_free(struct vg_diagnoses *diagnoses)
{
	size_t i;

	for (i = 0; i < diagnoses->nr; i++) {
		free(diagnoses->list[i].text);
		free(diagnoses->list[i].remedy);
	}
	free(diagnoses->list);
	memset(diagnoses, 0, sizeof(*diagnoses));
}
