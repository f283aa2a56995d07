// SPDX-License-Identifier: GPL-2.0-only
/* Files of expectations; policy/expect.c reads a line of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/expect.h"
#include "policy/internal.h"
#include "util/text_file.h"

static bool expect_add(struct vg_expects *expects,
		       const struct vg_expect *expect)
{
	if (expects->nr == expects->room) {
		size_t room = expects->room ? expects->room * 2 : 64;
		struct vg_expect *list;

		list = reallocarray(expects->list, room, sizeof(*list));
		if (!list)
			return false;
		expects->list = list;
		expects->room = room;
	}
	expects->list[expects->nr++] = *expect;
	return true;
}

static void expect_text(struct vg_parser *parser, struct vg_expects *expects,
			const char *text, size_t len)
{
	struct vg_lexer lexer;
	struct vg_line line;

	vg_lex_start(&lexer, text, len);
	while (!parser->no_memory && vg_lex_line(&lexer, &line)) {
		struct vg_expect expect = { .verdict = VG_ALLOW };

		parser->line = line.number;
		if (line.error)
			vg_parser_lex_error(parser, &line, text + len);
		else if (vg_parse_expect(parser, &line, &expect) &&
			 !expect_add(expects, &expect))
			parser->no_memory = true;
	}
}

int vg_expects_read(const char *path, struct vg_expects *expects,
		    struct vg_findings *findings)
{
	struct vg_source source = { .from = { .file = NULL } };
	struct vg_parser parser = {
		.policy = &expects->strings,
		.findings = findings,
		.source = &source,
	};
	size_t len, errors = findings->errors;
	struct stat st;
	char *text;
	int fd, err;

	memset(expects, 0, sizeof(*expects));
	source.name = vg_keep_string(&expects->strings.files,
				     &expects->strings.nr_files, strdup(path));
	if (!source.name)
		return -ENOMEM;
	fd = vg_text_open(path, &st);
	err = fd < 0		  ? fd :
	      S_ISDIR(st.st_mode) ? -EISDIR :
				    vg_text_read(fd, st.st_size,
						 VG_POLICY_BYTES, &text, &len);
	if (fd >= 0)
		close(fd);
	if (err) {
		struct vg_pos pos = { .file = source.name };

		vg_finding_add(findings, VG_ERROR, &pos, NULL, "%s",
			       vg_text_error(err));
		return -EINVAL;
	}
	expect_text(&parser, expects, text, len);
	free(text);
	if (parser.no_memory)
		return -ENOMEM;
	return findings->errors > errors ? -EINVAL : 0;
}

void vg_expects_free(struct vg_expects *expects)
{
	free(expects->list);
	vg_policy_free(&expects->strings);
	memset(expects, 0, sizeof(*expects));
}
