// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policy text to struct vg_policy: the lines that are no rules (mode, rate,
 * default, include) and what all lines share.  Rules are in rule.c,
 * files in files.c.
 *
 * A line stops at its first mistake and the next line is read as if nothing had
 * happened, so that one run shows every wrong line.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "policy/internal.h"

/* More events than a disk or a reader can take. */
#define RATE_MAX 1000000

static const char *const line_words[] = { "allow",   "block", "default",
					  "include", "mode",  "rate",
					  NULL };
static const char *const mode_words[] = { "enforce", "monitor", NULL };
static const char *const verdict_words[] = { "allow", "block", NULL };
static const char *const region_words[] = { "unassigned", "vendor", "other",
					    NULL };
static const char *const report_words[] = { "audit", "silent", NULL };

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
	char what[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	if (!vg_finding_add(parser->findings, VG_ERROR, &pos, hint, "%s", what))
		parser->no_memory = true;
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

/* One word too many on the line: say which, whatever it is. */
static bool parse_end(struct vg_parser *parser, const struct vg_line *line,
		      unsigned int nr, const char *hint)
{
	if (line->nr <= nr)
		return true;
	return vg_parser_error(parser, &line->tok[nr], hint,
			       "'%.*s' is one word too many",
			       VG_TOKEN(&line->tok[nr]));
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

/* A line of which a policy has only one: an error that names both. */
static bool parse_once(struct vg_parser *parser, const struct vg_token *token,
		       const struct vg_pos *earlier, const char *what)
{
	struct vg_pos pos = vg_parser_pos(parser, token);
	struct vg_finding *finding;

	if (!earlier->file)
		return true;
	finding = vg_finding_add(parser->findings, VG_ERROR, &pos,
				 "keep one of the two lines",
				 "%s is set a second time", what);
	if (finding)
		finding->other = *earlier;
	else
		parser->no_memory = true;
	return false;
}

static void parse_mode(struct vg_parser *parser, const struct vg_line *line)
{
	static const char hint[] = "write 'mode enforce' or 'mode monitor'";
	struct vg_policy *policy = parser->policy;
	const struct vg_token *word;

	word = vg_parser_need(parser, line, 1, "the mode", hint);
	if (!word)
		return;
	if (!vg_token_is(word, "enforce") && !vg_token_is(word, "monitor")) {
		vg_parser_unknown(parser, word, "a mode", mode_words, hint);
		return;
	}
	if (!parse_end(parser, line, 2, hint) ||
	    !parse_once(parser, &line->tok[0], &policy->mode_pos, "the mode"))
		return;
	policy->mode = vg_token_is(word, "monitor") ? VG_MODE_MONITOR :
						      VG_MODE_ENFORCE;
	policy->mode_pos = vg_parser_pos(parser, &line->tok[0]);
}

static bool parse_events(struct vg_parser *parser, const struct vg_token *word,
			 __u32 *events)
{
	switch (vg_token_decimal(word, RATE_MAX, events)) {
	case VG_NUMBER_OK:
		return true;
	case VG_NUMBER_TOO_BIG:
		return vg_parser_error(parser, word, "the most is 1000000",
				       "'%.*s' events are too many",
				       VG_TOKEN(word));
	default:
		return vg_parser_error(parser, word,
				       "write a decimal number of events, "
				       "as in 'rate 10 burst 100'",
				       "'%.*s' is not a number of events",
				       VG_TOKEN(word));
	}
}

static void parse_rate(struct vg_parser *parser, const struct vg_line *line)
{
	static const char hint[] = "write 'rate 10' or 'rate 10 burst 100'";
	static const char *const words[] = { "burst", NULL };
	struct vg_policy *policy = parser->policy;
	const struct vg_token *word;
	__u32 rate, burst;

	word = vg_parser_need(parser, line, 1, "the number of events", hint);
	if (!word || !parse_events(parser, word, &rate))
		return;
	burst = rate * 10 < RATE_MAX ? rate * 10 : RATE_MAX;
	if (line->nr > 2) {
		if (!vg_token_is(&line->tok[2], "burst")) {
			vg_parser_unknown(parser, &line->tok[2], "'burst'",
					  words, hint);
			return;
		}
		word = vg_parser_need(parser, line, 3, "the number of events",
				      hint);
		if (!word || !parse_events(parser, word, &burst))
			return;
	}
	if (rate && !burst) {
		vg_parser_error(parser, word,
				"write at least 'burst 1', or 'rate 0' for "
				"first accesses only",
				"a burst of 0 lets no event through");
		return;
	}
	if (!parse_end(parser, line, 4, hint) ||
	    !parse_once(parser, &line->tok[0], &policy->rate_pos, "the rate"))
		return;
	policy->rate = rate;
	policy->burst = burst;
	policy->rate_pos = vg_parser_pos(parser, &line->tok[0]);
}

static bool parse_region(struct vg_parser *parser, const struct vg_token *word,
			 enum vg_region *region)
{
	if (vg_token_is(word, "unassigned"))
		*region = VG_REGION_UNASSIGNED;
	else if (vg_token_is(word, "vendor"))
		*region = VG_REGION_VENDOR;
	else if (vg_token_is(word, "other"))
		*region = VG_REGION_OTHER;
	else if (vg_token_is(word, "header") || vg_token_is(word, "cap"))
		return vg_parser_error(parser, word,
				       "write 'other': header and ordinary "
				       "capabilities have one default",
				       "there is no default for '%.*s' alone",
				       VG_TOKEN(word));
	else
		return vg_parser_unknown(parser, word, "a kind of region",
					 region_words,
					 "write unassigned, vendor or other; "
					 "for one device write a rule");
	return true;
}

/* default allow|block r|w|rw REGION [audit|silent] */
static void parse_default(struct vg_parser *parser, const struct vg_line *line)
{
	static const char hint[] = "write e.g. 'default block w unassigned'";
	const struct vg_token *word;
	struct vg_default def;
	enum vg_region region = VG_REGION_OTHER;
	unsigned int access = 0, i;

	word = vg_parser_need(parser, line, 1, "allow or block", hint);
	if (!word)
		return;
	if (!vg_token_is(word, "allow") && !vg_token_is(word, "block")) {
		vg_parser_unknown(parser, word, "allow or block", verdict_words,
				  hint);
		return;
	}
	def.verdict = vg_token_is(word, "block") ? VG_BLOCK : VG_ALLOW;
	def.audit = def.verdict == VG_BLOCK;

	word = vg_parser_need(parser, line, 2, "r, w or rw", hint);
	if (!word || !vg_parse_access(parser, word, &access))
		return;
	word = vg_parser_need(parser, line, 3, "the kind of region", hint);
	if (!word || !parse_region(parser, word, &region))
		return;
	if (line->nr > 4) {
		word = &line->tok[4];
		if (!vg_token_is(word, "audit") &&
		    !vg_token_is(word, "silent")) {
			vg_parser_unknown(parser, word, "audit or silent",
					  report_words,
					  "a default takes no other option; "
					  "write a rule for it");
			return;
		}
		def.audit = vg_token_is(word, "audit");
	}
	if (!parse_end(parser, line, 5, hint))
		return;
	for (i = 0; i < VG_ACCESSES; i++) {
		struct vg_policy *policy = parser->policy;
		char what[64];

		if (!(access & 1U << i))
			continue;
		snprintf(what, sizeof(what), "the default for %s of %s",
			 i == VG_READ ? "reads" : "writes",
			 vg_region_name(region));
		if (!parse_once(parser, &line->tok[0],
				&policy->default_pos[region][i], what))
			return;
		policy->defaults[region][i] = def;
		policy->default_pos[region][i] =
			vg_parser_pos(parser, &line->tok[0]);
	}
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

static void parse_line(struct vg_parser *parser, const struct vg_line *line)
{
	const struct vg_token *word = &line->tok[0];

	if (vg_token_is(word, "allow") || vg_token_is(word, "block"))
		vg_parse_rule(parser, line);
	else if (vg_token_is(word, "default"))
		parse_default(parser, line);
	else if (vg_token_is(word, "mode"))
		parse_mode(parser, line);
	else if (vg_token_is(word, "rate"))
		parse_rate(parser, line);
	else if (vg_token_is(word, "include"))
		vg_parse_include(parser, line);
	else if (vg_token_is(word, "deny"))
		vg_parser_error(parser, word, "did you mean 'block'?",
				"no line starts with 'deny'");
	else
		vg_parser_unknown(parser, word, "the start of a line",
				  line_words,
				  "a line starts with allow, block, default, "
				  "include, mode, rate or #");
}

void vg_parse_text(struct vg_parser *parser, const struct vg_source *source,
		   const char *text, size_t len)
{
	const struct vg_source *up = parser->source;
	unsigned int up_line = parser->line;
	struct vg_lexer lexer;
	struct vg_line line;

	parser->source = source;
	vg_lex_start(&lexer, text, len);
	while (!parser->no_memory && vg_lex_line(&lexer, &line)) {
		parser->line = line.number;
		if (line.error)
			vg_parser_lex_error(parser, &line, text + len);
		else
			parse_line(parser, &line);
	}
	parser->source = up;
	parser->line = up_line;
}

int vg_policy_parse(const char *name, const char *text, size_t len,
		    struct vg_policy *policy, struct vg_findings *findings)
{
	struct vg_source source = { .from = { .file = NULL } };
	struct vg_parser parser = {
		.policy = policy,
		.findings = findings,
	};
	size_t errors = findings->errors;

	vg_policy_init(policy);
	policy->name = strdup(name);
	source.name =
		vg_keep_string(&policy->files, &policy->nr_files, strdup(name));
	if (!policy->name || !source.name)
		return -ENOMEM;
	vg_parse_text(&parser, &source, text, len);
	if (parser.no_memory)
		return -ENOMEM;
	return findings->errors > errors ? -EINVAL : 0;
}
