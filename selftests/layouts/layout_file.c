// SPDX-License-Identifier: GPL-2.0-only
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout_file.h"

#define HEADER_BYTES 0x40
#define EXT_CONFIG 0x100

struct reader {
	const char *path;
	unsigned int line;
	struct lf_list *list;
	bool failed;
};

__attribute__((format(printf, 2, 3))) static void complain(struct reader *r,
							   const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fprintf(stderr, "%s:%u: ", r->path, r->line);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	r->failed = true;
}

/* The number behind the name and a '=', in that base; false if it is none. */
static bool number(const char *word, const char *name, int base, __u32 max,
		   __u32 *value)
{
	size_t len = strlen(name);
	unsigned long n;
	char *end;

	if (strncmp(word, name, len) || word[len] != '=')
		return false;
	n = strtoul(word + len + 1, &end, base);
	if (end == word + len + 1 || *end || n > max)
		return false;
	*value = n;
	return true;
}

static bool ids(const char *text, __u16 *vendor, __u16 *device)
{
	unsigned int a, b;
	int used = 0;

	if (sscanf(text, "%4x:%4x%n", &a, &b, &used) != 2 || text[used])
		return false;
	*vendor = a;
	*device = b;
	return true;
}

static void read_device(struct reader *r, char *words)
{
	struct lf_device *d, *more;
	char *word, *rest = NULL;
	__u32 n;

	more = reallocarray(r->list->devices, r->list->nr + 1, sizeof(*more));
	if (!more) {
		complain(r, "out of memory");
		return;
	}
	r->list->devices = more;
	d = memset(&more[r->list->nr++], 0, sizeof(*d));
	d->line = r->line;
	snprintf(d->file, sizeof(d->file), "%s", r->path);
	word = strtok_r(words, " ", &rest);
	if (!word || !ids(word, &d->vendor, &d->device)) {
		complain(r, "say device VENDOR:DEVICE, four digits each");
		return;
	}
	while ((word = strtok_r(NULL, " ", &rest))) {
		if (number(word, "class", 16, 0xffffff, &n))
			d->class = n;
		else if (number(word, "rev", 16, 0xff, &n))
			d->revision = n;
		else if (number(word, "header", 16, 0x7f, &n))
			d->header = n;
		else if (number(word, "size", 10, LF_BYTES, &n))
			d->size = n;
		else if (!strcmp(word, "vf"))
			d->vf = true;
		else if (strncmp(word, "subsys=", 7) ||
			 !ids(word + 7, &d->subvendor, &d->subdevice))
			complain(r, "'%s' is nothing of a device", word);
	}
	if (d->size != 256 && d->size != LF_BYTES)
		complain(r, "a device has size=256 or size=4096");
}

/* "+4.l=0x00811556" */
static bool read_field(struct lf_cap *cap, const char *word)
{
	struct lf_field *field = &cap->fields[cap->nr_fields];
	unsigned int offset, value;
	int used = 0;
	char size;

	if (cap->nr_fields == LF_FIELDS ||
	    sscanf(word, "+%u.%c=%x%n", &offset, &size, &value, &used) != 3 ||
	    word[used] || !strchr("bwl", size) || offset > 0x40)
		return false;
	field->offset = offset;
	field->size = size == 'b' ? 1 : size == 'w' ? 2 : 4;
	field->value = value;
	cap->nr_fields++;
	return true;
}

/* Behind the place; the next one's is known later. */
static void read_words(struct reader *r, struct lf_cap *cap, char *rest)
{
	bool how = false;
	char *word;
	__u32 n;

	while ((word = strtok_r(NULL, " ", &rest))) {
		if (number(word, "id", 16, cap->ext ? 0xffff : 0xff, &n)) {
			cap->id = n;
		} else if (number(word, "v", 10, 15, &n)) {
			cap->version = n;
		} else if (number(word, "next", 16, LF_BYTES - 1, &n)) {
			cap->next = n;
		} else if (number(word, "shown", 10, LF_BYTES - 1, &n) && n) {
			cap->shown = n;
			how = true;
		} else if (!strcmp(word, "hidden")) {
			cap->hidden = how = true;
		} else if (!strcmp(word, "anchor")) {
			cap->hidden = cap->anchor = how = true;
			cap->shown = 4;
		} else if (!read_field(cap, word)) {
			complain(r, "'%s' is nothing of a capability", word);
		}
	}
	if (!how)
		complain(r, "say shown=BYTES, hidden or anchor");
}

static void read_cap(struct reader *r, char *words, bool ext)
{
	struct lf_device *d =
		r->list->nr ? &r->list->devices[r->list->nr - 1] : NULL;
	char *comment = strchr(words, '#'), *word, *rest = NULL;
	struct lf_cap *cap, *last;
	unsigned long at;

	if (!d || d->nr_caps == LF_CAPS) {
		complain(r, d ? "too many capabilities" :
				"a capability without a device");
		return;
	}
	cap = &d->caps[d->nr_caps];
	last = d->nr_caps ? cap - 1 : NULL;
	cap->ext = ext;
	if (comment) {
		sscanf(comment + 1, "%15s", cap->name);
		*comment = '\0';
	}
	word = strtok_r(words, " \t", &rest);
	at = word ? strtoul(word, NULL, 16) : 0;
	if (at < (ext ? EXT_CONFIG : HEADER_BYTES) ||
	    at > (ext ? d->size : EXT_CONFIG) - 4) {
		complain(r, "no capability can start there");
		return;
	}
	cap->at = at;
	d->nr_caps++;
	if (ext && (!last || !last->ext) && at != EXT_CONFIG)
		complain(r, "the extended ones start at 0x100");
	if (last && last->ext && !ext)
		complain(r, "the extended ones come last");
	if (last && last->ext == ext && !last->next)
		last->next = at;
	read_words(r, cap, rest);
}

static void read_line(struct reader *r, char *line)
{
	struct lf_device *d =
		r->list->nr ? &r->list->devices[r->list->nr - 1] : NULL;

	line[strcspn(line, "\n")] = '\0';
	for (char *c = line; *c; c++)
		if (*c == '\t')
			*c = ' ';
	if (!line[0] || line[0] == '#')
		return;
	if (!strncmp(line, "device ", 7))
		read_device(r, line + 7);
	else if (!strncmp(line, " cap ", 5))
		read_cap(r, line + 5, false);
	else if (!strncmp(line, " ecap ", 6))
		read_cap(r, line + 6, true);
	else if (d && !strncmp(line, " name ", 6))
		snprintf(d->name, sizeof(d->name), "%s", line + 6);
	else if (d && !strncmp(line, " source ", 8))
		snprintf(d->source, sizeof(d->source), "%s", line + 8);
	else
		complain(r, "this line is not understood; README.md beside it "
			    "says what there is");
}

int lf_read(const char *path, struct lf_list *list)
{
	struct reader r = { .path = path, .list = list };
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	if (!file) {
		perror(path);
		return -1;
	}
	while (getline(&line, &room, file) >= 0) {
		r.line++;
		read_line(&r, line);
	}
	free(line);
	fclose(file);
	return r.failed ? -1 : 0;
}

int lf_read_all(const char *folder, struct lf_list *list)
{
	char pattern[256];
	glob_t found;
	int ret = 0;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/*.layout", folder);
	if (glob(pattern, 0, NULL, &found)) {
		fprintf(stderr, "there is no %s\n", pattern);
		return -1;
	}
	for (i = 0; i < found.gl_pathc && !ret; i++)
		ret = lf_read(found.gl_pathv[i], list);
	globfree(&found);
	return ret;
}

void lf_free(struct lf_list *list)
{
	free(list->devices);
	memset(list, 0, sizeof(*list));
}

static void put(__u8 *space, unsigned int at, unsigned int size, __u32 value)
{
	for (; size && at < LF_BYTES; size--, at++, value >>= 8)
		space[at] = value;
}

void lf_build(const struct lf_device *d, __u8 space[LF_BYTES])
{
	const struct lf_cap *cap;
	unsigned int i, k;

	memset(space, 0, LF_BYTES);
	put(space, 0x00, 2, d->vf ? 0xffff : d->vendor);
	put(space, 0x02, 2, d->vf ? 0xffff : d->device);
	put(space, 0x04, 2, 0x0006);
	put(space, 0x08, 1, d->revision);
	put(space, 0x09, 3, d->class);
	put(space, 0x0e, 1, d->header);
	put(space, 0x2c, 2, d->subvendor);
	put(space, 0x2e, 2, d->subdevice);
	if (d->nr_caps && !d->caps[0].ext) {
		put(space, 0x06, 2, 0x0010);
		put(space, 0x34, 1, d->caps[0].at);
	}
	for (i = 0; i < d->nr_caps; i++) {
		cap = &d->caps[i];
		if (cap->ext)
			put(space, cap->at, 4,
			    cap->id | (__u32)cap->version << 16 |
				    (__u32)cap->next << 20);
		else
			put(space, cap->at, 2, cap->id | cap->next << 8);
		for (k = 0; k < cap->nr_fields; k++)
			put(space, cap->at + cap->fields[k].offset,
			    cap->fields[k].size, cap->fields[k].value);
	}
}

void lf_map(const struct lf_device *d, __u8 map[LF_BYTES])
{
	unsigned int i, k;

	memset(map, 0, HEADER_BYTES);
	memset(map + HEADER_BYTES, LF_NONE, LF_BYTES - HEADER_BYTES);
	for (i = 0; i < d->nr_caps; i++)
		for (k = 0; k < d->caps[i].shown; k++)
			if (d->caps[i].at + k < d->size)
				map[d->caps[i].at + k] = d->caps[i].id;
}
