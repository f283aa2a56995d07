// SPDX-License-Identifier: GPL-2.0-only
/*
 * Expectations about a policy:
 *
 *	expect allow|block DEVICE r|w OFFSET[.b|.w|.l] [REGION] [DETAIL...]
 *
 * They are written in the words of the policy language and read by its parser.
 */
#include <errno.h>

#include "policy/caps.h"
#include "policy/expect.h"
#include "policy/internal.h"

#define HINT_EXPECT "write e.g. 'expect block 8086:10d3 w 0x80.l value 0x1'"

#define HEADER_BYTES 0x40
#define EXT_CONFIG 0x100
#define CONFIG_LAST 0xfff
/* "*": a device no rule can name. */
#define NO_ID 0xffff

static const char *const detail_words[] = {
	"unassigned", "vendor", "header", "cap=",  "ecap=",  "value", "slot",
	"owner",      "class",	"subsys", "audit", "silent", NULL
};

static bool expect_device(struct vg_parser *parser,
			  const struct vg_token *token, struct vg_query *query)
{
	struct vg_scope scope = { .kind = VG_SCOPE_ANY };

	if (!vg_parse_scope(parser, token, &scope))
		return false;
	if (scope.kind != VG_SCOPE_ANY && scope.kind != VG_SCOPE_DEVICE)
		return vg_parser_error(parser, token,
				       "write one device, or * for one that no "
				       "rule names; slot, owner, class and "
				       "subsys go at the end of the line",
				       "an access comes from one device");
	query->vendor = scope.kind == VG_SCOPE_ANY ? NO_ID : scope.vendor;
	query->device = scope.kind == VG_SCOPE_ANY ? NO_ID : scope.device;
	return true;
}

/* 0x80.l; without a suffix the dword at a multiple of four, else the byte */
static bool expect_offset(struct vg_parser *parser,
			  const struct vg_token *token, struct vg_query *query)
{
	int dot = vg_token_find(token, '.');
	struct vg_token number = *token;
	__u32 offset;

	if (dot >= 0)
		number = vg_token_part(token, 0, dot);
	if (!vg_parser_number(parser, &number, "offset", CONFIG_LAST, &offset))
		return false;
	query->offset = offset;
	query->size = offset % 4 ? 1 : 4;
	if (dot >= 0) {
		struct vg_token suffix =
			vg_token_part(token, dot, token->len - dot);

		if (vg_token_is(&suffix, ".b"))
			query->size = 1;
		else if (vg_token_is(&suffix, ".w"))
			query->size = 2;
		else if (vg_token_is(&suffix, ".l"))
			query->size = 4;
		else
			return vg_parser_error(parser, &suffix,
					       "write .b, .w or .l",
					       "'%.*s' is not a width",
					       VG_TOKEN(&suffix));
	}
	if (offset % query->size)
		return vg_parser_error(parser, token,
				       "the kernel cuts it into aligned "
				       "accesses; expect each of them",
				       "the access is not aligned");
	query->where =
		offset < HEADER_BYTES ? VG_WHERE_HEADER : VG_WHERE_UNASSIGNED;
	return true;
}

/* A list of capabilities lies in one half of config space. */
static bool expect_cap(struct vg_parser *parser, const struct vg_token *token,
		       const struct vg_query *query)
{
	if (query->ext == (query->offset >= EXT_CONFIG))
		return true;
	return vg_parser_error(parser, token,
			       query->ext ? "extended capabilities lie at "
					    "0x100-0xfff" :
					    "ordinary capabilities lie at "
					    "0x40-0xff; write ecap= for an "
					    "extended one",
			       "%.*s does not lie at 0x%02x", VG_TOKEN(token),
			       query->offset);
}

static bool expect_where(struct vg_parser *parser, const struct vg_token *token,
			 struct vg_query *query)
{
	struct vg_where where = { .kind = VG_WHERE_ANY };

	if (!vg_parse_where(parser, token, &where))
		return false;
	switch (where.kind) {
	case VG_WHERE_CAP:
		query->cap = where.cap;
		query->ext = where.ext;
		query->where = vg_cap_is_vendor(where.cap, where.ext) ?
				       VG_WHERE_VENDOR :
				       VG_WHERE_CAPS;
		if (query->offset >= HEADER_BYTES &&
		    !expect_cap(parser, token, query))
			return false;
		break;
	case VG_WHERE_VENDOR:
	case VG_WHERE_CAPS:
	case VG_WHERE_HEADER:
	case VG_WHERE_UNASSIGNED:
		query->where = where.kind;
		break;
	default:
		return vg_parser_error(parser, token,
				       "write unassigned, vendor, header, cap "
				       "or cap=NAME",
				       "'%.*s' does not say what lies there",
				       VG_TOKEN(token));
	}
	if ((query->where == VG_WHERE_HEADER) != (query->offset < HEADER_BYTES))
		return vg_parser_error(parser, token, "the header is 0x00-0x3f",
				       "%.*s does not lie at 0x%02x",
				       VG_TOKEN(token), query->offset);
	return true;
}

/* slot, owner, class and subsys: the text a rule has behind the = */
static bool expect_scope(struct vg_parser *parser, const char *name,
			 const struct vg_token *value, struct vg_query *query)
{
	struct vg_scope scope = { .kind = VG_SCOPE_ANY };
	char text[VG_LINE_BYTES + 16];
	struct vg_token token = {
		.text = text,
		/* So that errors in the value stand at the value. */
		.column = value->column - strlen(name) - 1,
	};

	token.len =
		snprintf(text, sizeof(text), "%s=%.*s", name, VG_TOKEN(value));
	if (!vg_parse_scope(parser, &token, &scope))
		return false;
	switch (scope.kind) {
	case VG_SCOPE_SLOT:
		query->slot = scope.slot;
		break;
	case VG_SCOPE_OWNER:
		query->owner = scope.owner;
		break;
	case VG_SCOPE_CLASS:
		query->class = scope.class;
		break;
	default:
		query->subvendor = scope.vendor;
		query->subdevice = scope.device;
		break;
	}
	return true;
}

/* Words with a value behind them; returns the next word's index, 0: error. */
static unsigned int expect_pair(struct vg_parser *parser,
				const struct vg_line *line, unsigned int at,
				struct vg_query *query)
{
	static const char *const scopes[] = { "slot", "owner", "class",
					      "subsys" };
	const struct vg_token *word = &line->tok[at];
	const struct vg_token *value;
	size_t i;

	value = vg_parser_need(parser, line, at + 1, "the word behind it",
			       HINT_EXPECT);
	if (!value)
		return 0;
	if (vg_token_is(word, "value")) {
		__u32 max = 0xffffffffU >> (32 - 8 * query->size);

		query->has_value = true;
		if (query->access != VG_WRITE)
			return vg_parser_error(parser, word, "leave it out",
					       "a read carries no value");
		return vg_parser_number(parser, value, "value", max,
					&query->value) ?
			       at + 2 :
			       0;
	}
	/* It is one of them, so the last if it is none before. */
	for (i = 0; i < sizeof(scopes) / sizeof(scopes[0]) - 1; i++)
		if (vg_token_is(word, scopes[i]))
			break;
	return expect_scope(parser, scopes[i], value, query) ? at + 2 : 0;
}

/* What an access has one of. */
static const struct detail {
	const char *words[9];
	const char *what;
} details[] = {
	{ { "value" }, "an access carries one value" },
	{ { "slot" }, "a device is in one slot" },
	{ { "owner" }, "a device has one owner" },
	{ { "class" }, "a device has one class" },
	{ { "subsys" }, "a device has one subsystem" },
	{ { "audit", "silent" }, "an access is reported or it is not" },
	{ { "unassigned", "vendor", "header", "cap", "cap=", "ecap=" },
	  "one kind of register lies at an offset" },
};

/* @seen: bits of those before */
static bool expect_once(struct vg_parser *parser, const struct vg_token *word,
			unsigned int *seen)
{
	unsigned int i, n;

	for (i = 0; i < sizeof(details) / sizeof(details[0]); i++) {
		const char *const *words = details[i].words;

		for (n = 0; words[n]; n++)
			if (words[n][strlen(words[n]) - 1] == '=' ?
				    vg_token_starts(word, words[n]) :
				    vg_token_is(word, words[n]))
				break;
		if (!words[n])
			continue;
		if (*seen & 1u << i)
			return vg_parser_error(parser, word,
					       "keep one of the two; write a "
					       "line for each",
					       "%s", details[i].what);
		*seen |= 1u << i;
	}
	return true;
}

/* Everything behind the offset. */
static bool expect_details(struct vg_parser *parser, const struct vg_line *line,
			   unsigned int at, struct vg_expect *expect)
{
	unsigned int seen = 0;

	while (at && at < line->nr) {
		const struct vg_token *word = &line->tok[at];

		if (!expect_once(parser, word, &seen))
			return false;
		if (vg_token_is(word, "value") || vg_token_is(word, "slot") ||
		    vg_token_is(word, "owner") || vg_token_is(word, "class") ||
		    vg_token_is(word, "subsys")) {
			at = expect_pair(parser, line, at, &expect->query);
		} else if (vg_token_is(word, "audit") ||
			   vg_token_is(word, "silent")) {
			expect->audit = vg_token_is(word, "audit");
			at++;
		} else if (vg_token_is(word, "cap") ||
			   vg_token_is(word, "vendor") ||
			   vg_token_is(word, "header") ||
			   vg_token_is(word, "unassigned") ||
			   vg_token_starts(word, "cap=") ||
			   vg_token_starts(word, "ecap=")) {
			if (!expect_where(parser, word, &expect->query))
				return false;
			at++;
		} else {
			return vg_parser_unknown(parser, word,
						 "a detail of an access",
						 detail_words, HINT_EXPECT);
		}
	}
	return at != 0;
}

bool vg_parse_expect(struct vg_parser *parser, const struct vg_line *line,
		     struct vg_expect *expect)
{
	static const char *const starts[] = { "expect", NULL };
	static const char *const verdicts[] = { "allow", "block", NULL };
	static const char *const missing[] = { "expect", "allow or block",
					       "the device", "r or w",
					       "the offset" };
	const struct vg_token *tok = line->tok;
	unsigned int i;

	expect->pos = vg_parser_pos(parser, &tok[0]);
	expect->audit = -1;
	for (i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
		if (!vg_parser_need(parser, line, i, missing[i], HINT_EXPECT))
			return false;
	if (!vg_token_is(&tok[0], "expect"))
		return vg_parser_unknown(parser, &tok[0], "'expect'", starts,
					 HINT_EXPECT);
	if (!vg_token_is(&tok[1], "allow") && !vg_token_is(&tok[1], "block"))
		return vg_parser_unknown(parser, &tok[1], "allow or block",
					 verdicts, HINT_EXPECT);
	expect->verdict = vg_token_is(&tok[1], "block") ? VG_BLOCK : VG_ALLOW;
	if (!expect_device(parser, &tok[2], &expect->query))
		return false;
	if (!vg_token_is(&tok[3], "r") && !vg_token_is(&tok[3], "w"))
		return vg_parser_error(parser, &tok[3],
				       "write r or w; one access has one "
				       "direction",
				       "'%.*s' is not r or w",
				       VG_TOKEN(&tok[3]));
	expect->query.access = vg_token_is(&tok[3], "w") ? VG_WRITE : VG_READ;
	return expect_offset(parser, &tok[4], &expect->query) &&
	       expect_details(parser, line, 5, expect);
}

/* A word as the lexer would have cut it; a blank would be two words. */
static bool plain_word(struct vg_parser *parser, const struct vg_token *token)
{
	unsigned int i;

	for (i = 0; i < token->len; i++)
		if (token->text[i] <= ' ' || token->text[i] > '~' ||
		    token->text[i] == '#')
			return vg_parser_error(
				parser, token,
				"write printable ASCII without blanks and #",
				"'%.*s' is not a word of the policy language",
				VG_TOKEN(token));
	return true;
}

int vg_query_words(const char *const *words, unsigned int nr,
		   struct vg_policy *strings, struct vg_findings *findings,
		   struct vg_query *query)
{
	static const char *const start[] = { "expect", "allow" };
	struct vg_source source = { .name = "" };
	struct vg_parser parser = {
		.policy = strings,
		.findings = findings,
		.source = &source,
	};
	struct vg_expect expect = { .verdict = VG_ALLOW };
	struct vg_line line = { .number = 1, .nr = nr + 2 };
	unsigned int i;

	if (line.nr > VG_LINE_TOKENS)
		return -EINVAL;
	for (i = 0; i < line.nr; i++) {
		struct vg_token *token = &line.tok[i];

		token->text = i < 2 ? start[i] : words[i - 2];
		token->len = strnlen(token->text, VG_LINE_BYTES);
		token->column = VG_LINE_BYTES;
		if (!plain_word(&parser, token))
			return -EINVAL;
	}
	if (!vg_parse_expect(&parser, &line, &expect))
		return parser.no_memory ? -ENOMEM : -EINVAL;
	if (expect.audit >= 0) {
		vg_parser_error(&parser, &line.tok[line.nr - 1], NULL,
				"audit and silent are no part of an access");
		return -EINVAL;
	}
	*query = expect.query;
	return 0;
}
