// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of findings about a policy, and how people see it.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/policy.h"
#include "util/log.h"
#include "util/printable.h"
#include "util/text_file.h"

#define FINDINGS_FIRST 16
/* What is shown of a line that a finding stands in. */
#define SHOWN_BYTES 200
/* Of a message; a rule, a file and what is said of them. */
#define MESSAGE_BYTES 640

static enum vg_severity least_shown = VG_NOTE;

const char *vg_severity_name(enum vg_severity severity)
{
	switch (severity) {
	case VG_ERROR:
		return "error";
	case VG_WARNING:
		return "warning";
	default:
		return "note";
	}
}

static struct vg_finding *findings_grow(struct vg_findings *findings)
{
	if (findings->nr == findings->room) {
		size_t room =
			findings->room ? findings->room * 2 : FINDINGS_FIRST;
		struct vg_finding *list;

		list = reallocarray(findings->list, room, sizeof(*list));
		if (!list)
			return NULL;
		findings->list = list;
		findings->room = room;
	}
	return memset(&findings->list[findings->nr], 0,
		      sizeof(*findings->list));
}

/* A message, of which the middle is left out where a word is too long to read. */
static char *message(const char *fmt, va_list args)
{
	char *text, shown[MESSAGE_BYTES];

	if (vasprintf(&text, fmt, args) < 0)
		return NULL;
	if (strlen(text) >= sizeof(shown))
		strcpy(text, vg_shorten(text, shown, sizeof(shown)));
	return text;
}

struct vg_finding *vg_finding_vadd(struct vg_findings *findings,
				   enum vg_severity severity,
				   const struct vg_pos *pos, const char *hint,
				   const char *fmt, va_list args)
{
	struct vg_finding *finding;

	if (findings->count[severity] >= VG_FINDINGS_KEPT) {
		findings->count[severity]++;
		findings->errors = findings->count[VG_ERROR];
		return &findings->not_kept;
	}
	finding = findings_grow(findings);
	if (!finding)
		return NULL;
	finding->what = message(fmt, args);
	if (!finding->what)
		return NULL;
	if (hint) {
		finding->hint = strdup(hint);
		if (!finding->hint) {
			free(finding->what);
			return NULL;
		}
	}
	finding->severity = severity;
	finding->pos = *pos;
	findings->nr++;
	findings->count[severity]++;
	findings->errors = findings->count[VG_ERROR];
	return finding;
}

struct vg_finding *vg_finding_add(struct vg_findings *findings,
				  enum vg_severity severity,
				  const struct vg_pos *pos, const char *hint,
				  const char *fmt, ...)
{
	struct vg_finding *finding;
	va_list args;

	va_start(args, fmt);
	finding = vg_finding_vadd(findings, severity, pos, hint, fmt, args);
	va_end(args);
	return finding;
}

size_t vg_findings_count(const struct vg_findings *findings,
			 enum vg_severity severity)
{
	return findings->count[severity];
}

static int finding_compare(const void *left, const void *right)
{
	const struct vg_finding *a = left, *b = right;
	int order = 0;

	if (a->pos.file != b->pos.file)
		order = strcmp(a->pos.file, b->pos.file);
	if (!order && a->pos.line != b->pos.line)
		order = a->pos.line < b->pos.line ? -1 : 1;
	if (!order && a->pos.column != b->pos.column)
		order = a->pos.column < b->pos.column ? -1 : 1;
	if (!order && a->severity != b->severity)
		order = a->severity < b->severity ? -1 : 1;
	return order ? order : strcmp(a->what, b->what);
}

void vg_findings_sort(struct vg_findings *findings)
{
	if (findings->nr > 1)
		qsort(findings->list, findings->nr, sizeof(*findings->list),
		      finding_compare);
}

/* A text file read forward, to show the lines that findings stand in. */
struct shown_file {
	const char *name;
	FILE *stream;
	unsigned int number; /* of the line in text */
	char *text;
	size_t room;
};

/* It may be something else by now than what was read. */
static FILE *open_shown(const char *name)
{
	struct stat st;
	int fd = vg_text_open(name, &st);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd >= 0 && !stream)
		close(fd);
	return stream;
}

/* The text of a line, or NULL when it can't be had any more. */
static const char *shown_line(struct shown_file *file, const struct vg_pos *pos)
{
	if (!file->name || strcmp(file->name, pos->file) ||
	    file->number > pos->line) {
		if (file->stream)
			fclose(file->stream);
		file->name = pos->file;
		file->number = 0;
		file->stream = open_shown(pos->file);
	}
	if (!file->stream)
		return NULL;
	while (file->number < pos->line) {
		if (getline(&file->text, &file->room, file->stream) < 0)
			return NULL;
		file->number++;
	}
	file->text[strcspn(file->text, "\r\n")] = '\0';
	return file->text;
}

/* The line and a caret below the column, tabs kept so that both line up. */
static void print_caret(const char *line, unsigned int column, FILE *out)
{
	unsigned int i;

	if (column > SHOWN_BYTES || column > strlen(line) + 1)
		return;
	fputs("    ", out);
	for (i = 0; i < SHOWN_BYTES && line[i]; i++)
		fputc(line[i] == '\t' || (line[i] >= ' ' && line[i] <= '~') ?
			      line[i] :
			      '?',
		      out);
	fputs(line[i] ? "...\n    " : "\n    ", out);
	for (i = 1; i < column; i++)
		fputc(line[i - 1] == '\t' ? '\t' : ' ', out);
	fputs("^\n", out);
}

void vg_findings_show(enum vg_severity least)
{
	least_shown = least;
}

static void print_place(const struct vg_pos *pos, FILE *out)
{
	vg_put_printable(pos->file, out);
	/* Line 0: the finding is about the file, or none was opened. */
	if (pos->line)
		fprintf(out, ":%u:%u", pos->line, pos->column);
}

static void print_finding(const struct vg_finding *finding,
			  struct shown_file *file, FILE *out)
{
	static const enum vg_style styles[VG_SEVERITIES] = {
		[VG_ERROR] = VG_STYLE_BAD,
		[VG_WARNING] = VG_STYLE_WARN,
		[VG_NOTE] = VG_STYLE_PLAIN,
	};
	const struct vg_pos *pos = &finding->pos;
	const char *line;

	print_place(pos, out);
	fprintf(out, ": %s%s:%s ", vg_style(out, styles[finding->severity]),
		vg_severity_name(finding->severity),
		vg_style(out, VG_STYLE_PLAIN));
	vg_put_printable(finding->what, out);
	putc('\n', out);
	line = pos->line ? shown_line(file, pos) : NULL;
	if (line)
		print_caret(line, pos->column, out);
	if (finding->other.file) {
		fputs("  the other: ", out);
		print_place(&finding->other, out);
		putc('\n', out);
	}
	if (finding->hint) {
		fputs("  hint: ", out);
		vg_put_printable(finding->hint, out);
		putc('\n', out);
	}
}

/* A daemon does not wait for whoever reads its messages. */
static bool may_print(const FILE *out)
{
	return out != stderr || vg_log_has_room();
}

/* Those that were only counted, of each severity. */
static void print_rest(const struct vg_findings *findings, FILE *out)
{
	int severity;

	for (severity = VG_ERROR; severity <= (int)least_shown; severity++)
		if (findings->count[severity] > VG_FINDINGS_KEPT &&
		    may_print(out))
			fprintf(out,
				"%zu more %ss are not shown; mend these "
				"first\n",
				findings->count[severity] - VG_FINDINGS_KEPT,
				vg_severity_name(severity));
}

void vg_findings_print(const struct vg_findings *findings, FILE *out)
{
	struct shown_file file = { .name = NULL };
	size_t i;

	for (i = 0; i < findings->nr; i++) {
		if (findings->list[i].severity > least_shown)
			continue;
		if (!may_print(out))
			break;
		print_finding(&findings->list[i], &file, out);
		fflush(out);
	}
	print_rest(findings, out);
	if (file.stream)
		fclose(file.stream);
	free(file.text);
}

void vg_findings_free(struct vg_findings *findings)
{
	size_t i;

	for (i = 0; i < findings->nr; i++) {
		free(findings->list[i].what);
		free(findings->list[i].hint);
	}
	free(findings->list);
	memset(findings, 0, sizeof(*findings));
}
