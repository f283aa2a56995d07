// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policy text to struct vg_policy: the lines that are no rules (mode, rate,
 * default, include).  Rules are in rule.c, and files in files.c, which hands this
 * the text; what all lines share is in context.c.
 *
 * A line stops at its first mistake and the next line is read as if nothing had
 * happened, so that one run shows every wrong line.
 */
#include <errno.h>
#include <stdlib.h>

#include "policy/internal.h"

/* More events than a disk or a reader can take. */
#define RATE_MAX 1000000

static const char *const line_words[] = { "allow",	 "block", "default",
					  "include",	 "mode",  "rate",
					  "stock-value", NULL };
static const char *const mode_words[] = { "enforce", "monitor", NULL };
static const char *const verdict_words[] = { "allow", "block", NULL };
static const char *const region_words[] = { "unassigned", "vendor", "other",
					    NULL };
static const char *const report_words[] = { "audit", "silent", NULL };

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

/* stock-value block */
static void parse_stock_value(struct vg_parser *parser,
			      const struct vg_line *line)
{
	static const char hint[] = "write 'stock-value block'";
	static const char *const words[] = { "block", NULL };
	struct vg_policy *policy = parser->policy;
	const struct vg_token *word;

	word = vg_parser_need(parser, line, 1, "'block'", hint);
	if (!word)
		return;
	if (!vg_token_is(word, "block")) {
		vg_parser_unknown(parser, word, "'block'", words, hint);
		return;
	}
	if (!parse_end(parser, line, 2, hint) ||
	    !parse_once(parser, &line->tok[0], &policy->stock_value_pos,
			"stock-value"))
		return;
	policy->stock_value = true;
	policy->stock_value_pos = vg_parser_pos(parser, &line->tok[0]);
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

static void parse_include(struct vg_parser *parser, const struct vg_line *line)
{
	if (line->nr != 2)
		vg_parser_error(parser, &line->tok[line->nr > 2 ? 2 : 0],
				"write 'include PATH'; PATH has no blanks",
				line->nr > 2 ? "include takes one path" :
					       "the path is missing");
	else if (!parser->include)
		vg_parser_error(parser, &line->tok[1], "write the rules out",
				"include works only in files");
	else
		parser->include(parser, &line->tok[1]);
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
	else if (vg_token_is(word, "stock-value"))
		parse_stock_value(parser, line);
	else if (vg_token_is(word, "include"))
		parse_include(parser, line);
	else if (vg_token_is(word, "deny"))
		vg_parser_error(parser, word, "did you mean 'block'?",
				"no line starts with 'deny'");
	else
		vg_parser_unknown(parser, word, "the start of a line",
				  line_words,
				  "a line starts with allow, block, default, "
				  "include, mode, rate, stock-value or #");
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
