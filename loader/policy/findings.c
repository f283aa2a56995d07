// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of findings about a policy, and how people see it.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

#define FINDINGS_FIRST 16
/* What is shown of a line that a finding stands in. */
#define SHOWN_BYTES 200

static enum vg_severity least_shown = VG_NOTE;

const char *vg_severity_name(enum vg_severity severity)
{
	switch (severity) {
	case VG_ERROR:
		return "error";
	case VG_WARNING:
		return "warning";
	case VG_NOTE:
		break;
	}
	return "note";
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

struct vg_finding *vg_finding_add(struct vg_findings *findings,
				  enum vg_severity severity,
				  const struct vg_pos *pos, const char *hint,
				  const char *fmt, ...)
{
	struct vg_finding *finding = findings_grow(findings);
	va_list args;
	int len;

	if (!finding)
		return NULL;
	va_start(args, fmt);
	len = vasprintf(&finding->what, fmt, args);
	va_end(args);
	if (len < 0)
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
	if (severity == VG_ERROR)
		findings->errors++;
	return finding;
}

size_t vg_findings_count(const struct vg_findings *findings,
			 enum vg_severity severity)
{
	size_t i, count = 0;

	for (i = 0; i < findings->nr; i++)
		count += findings->list[i].severity == severity;
	return count;
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

/* The text of a line, or NULL when it can't be had any more. */
static const char *shown_line(struct shown_file *file, const struct vg_pos *pos)
{
	if (!file->name || strcmp(file->name, pos->file) ||
	    file->number > pos->line) {
		if (file->stream)
			fclose(file->stream);
		file->name = pos->file;
		file->number = 0;
		/* A pipe was read once and would wait for ever. */
		file->stream = strncmp(pos->file, "/dev/", 5) ?
				       fopen(pos->file, "re") :
				       NULL;
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
		fputc((unsigned char)line[i] < ' ' && line[i] != '\t' ? '?' :
									line[i],
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

void vg_findings_print(const struct vg_findings *findings, FILE *out)
{
	struct shown_file file = { .name = NULL };
	size_t i;

	for (i = 0; i < findings->nr; i++) {
		const struct vg_finding *finding = &findings->list[i];
		const struct vg_pos *pos = &finding->pos;
		const char *line = NULL;

		if (finding->severity > least_shown)
			continue;
		/* Line 0: the finding is about the file, or none was opened. */
		if (pos->line) {
			fprintf(out, "%s:%u:%u: ", pos->file, pos->line,
				pos->column);
			line = shown_line(&file, pos);
		} else {
			fprintf(out, "%s: ", pos->file);
		}
		fprintf(out, "%s: %s\n", vg_severity_name(finding->severity),
			finding->what);
		if (line)
			print_caret(line, pos->column, out);
		if (finding->other.file)
			fprintf(out, "  the other: %s:%u:%u\n",
				finding->other.file, finding->other.line,
				finding->other.column);
		if (finding->hint)
			fprintf(out, "  hint: %s\n", finding->hint);
	}
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
