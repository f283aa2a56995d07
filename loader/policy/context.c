// SPDX-License-Identifier: GPL-2.0-only
/* Where the parser is, and how all of its files say what is wrong there. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/context.h"

struct vg_pos vg_parser_pos(const struct vg_parser *parser,
			    const struct vg_token *token)
{
	struct vg_pos pos = {
		.file = parser->source->name,
		.line = parser->line,
		.column = token ? token->column : 1,
	};

	return pos;
}

bool vg_parser_error(struct vg_parser *parser, const struct vg_token *token,
		     const char *hint, const char *fmt, ...)
{
	struct vg_pos pos = vg_parser_pos(parser, token);
	va_list args;

	va_start(args, fmt);
	if (!vg_finding_vadd(parser->findings, VG_ERROR, &pos, hint, fmt, args))
		parser->no_memory = true;
	va_end(args);
	return false;
}

bool vg_parser_unknown(struct vg_parser *parser, const struct vg_token *token,
		       const char *what, const char *const *words,
		       const char *hint)
{
	const char *near = vg_word_near(token, words);
	char text[VG_HINT_LEN];

	if (near && token->len == strlen(near) &&
	    !strncasecmp(token->text, near, token->len)) {
		snprintf(text, sizeof(text),
			 "keywords are in lower case: write '%s'", near);
		hint = text;
	} else if (near) {
		snprintf(text, sizeof(text), "did you mean '%s'?", near);
		hint = text;
	}
	return vg_parser_error(parser, token, hint, "'%.*s' is not %s",
			       VG_TOKEN(token), what);
}

bool vg_parser_number(struct vg_parser *parser, const struct vg_token *token,
		      const char *what, __u32 max, __u32 *value)
{
	char hint[VG_HINT_LEN];

	switch (vg_token_number(token, max, value)) {
	case VG_NUMBER_OK:
		return true;
	case VG_NUMBER_EMPTY:
		return vg_parser_error(parser, token,
				       "write a hex number: 0x10",
				       "the %s is missing", what);
	case VG_NUMBER_NO_PREFIX:
		snprintf(hint, sizeof(hint),
			 "numbers are hex and start with 0x: write 0x%.*s",
			 VG_TOKEN(token));
		return vg_parser_error(parser, token, hint,
				       "the %s '%.*s' has no 0x", what,
				       VG_TOKEN(token));
	case VG_NUMBER_BAD_DIGIT:
		return vg_parser_error(parser, token,
				       "write a hex number: 0x10",
				       "'%.*s' is not a hex number for the %s",
				       VG_TOKEN(token), what);
	case VG_NUMBER_TOO_BIG:
		break;
	}
	snprintf(hint, sizeof(hint), "the biggest is 0x%x", max);
	return vg_parser_error(parser, token, hint, "the %s '%.*s' is too big",
			       what, VG_TOKEN(token));
}

const struct vg_token *vg_parser_need(struct vg_parser *parser,
				      const struct vg_line *line,
				      unsigned int nr, const char *what,
				      const char *hint)
{
	struct vg_token behind = line->tok[line->nr - 1];

	if (nr < line->nr)
		return &line->tok[nr];
	behind.column += behind.len;
	vg_parser_error(parser, &behind, hint, "%s is missing", what);
	return NULL;
}

/*
 * Bytes that look like ASCII but aren't: pasted from a web page or a word
 * processor, invisible to whoever stares at the line.
 */
static const char *bad_byte_hint(const char *at, const char *end)
{
	static const struct {
		const char *bytes;
		const char *hint;
	} known[] = {
		{ "\xc2\xa0", "this is a no-break space; type a plain space" },
		{ "\xe2\x80\x93", "this is a typographic dash; type '-'" },
		{ "\xe2\x80\x94", "this is a typographic dash; type '-'" },
		{ "\xe2\x88\x92", "this is a minus sign; type '-'" },
		{ "\xe2\x80\x9c", "this is a quotation mark; leave it out" },
		{ "\xe2\x80\x9d", "this is a quotation mark; leave it out" },
		{ "\xef\xbb\xbf", "the file starts with a byte order mark; "
				  "save it as plain UTF-8 or ASCII" },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if ((size_t)(end - at) >= strlen(known[i].bytes) &&
		    !memcmp(at, known[i].bytes, strlen(known[i].bytes)))
			return known[i].hint;
	return "only printable ASCII may stand outside comments";
}

void vg_parser_lex_error(struct vg_parser *parser, const struct vg_line *line,
			 const char *end)
{
	const struct vg_token *bad = &line->bad;

	switch (line->error) {
	case VG_LEX_BAD_BYTE:
		vg_parser_error(parser, bad,
				*bad->text ? bad_byte_hint(bad->text, end) :
					     "is this a text file?",
				"byte 0x%02x can't stand here",
				(__u8)*bad->text);
		break;
	case VG_LEX_LONG_LINE:
		vg_parser_error(parser, bad, "is this a text file?",
				"the line is longer than %d bytes",
				VG_LINE_BYTES);
		break;
	case VG_LEX_MANY_TOKENS:
		vg_parser_error(parser, bad, "write one rule a line",
				"no line has more than %d words",
				VG_LINE_TOKENS);
		break;
	case VG_LEX_OK:
		break;
	}
}

char *vg_keep_string(char ***list, size_t *nr, char *string)
{
	/* Doubles whenever the count is a power of two. */
	if (string && !(*nr & (*nr - 1))) {
		size_t room = *nr ? *nr * 2 : 1;
		char **more = reallocarray(*list, room, sizeof(**list));

		if (!more) {
			free(string);
			return NULL;
		}
		*list = more;
	}
	if (string)
		(*list)[(*nr)++] = string;
	return string;
}
