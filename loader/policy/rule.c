// SPDX-License-Identifier: GPL-2.0-only
/*
 * A rule line:
 *
 *	allow|block [r|w|rw] DEVICE [WHERE] [OPTION...]
 *
 * Without an access a rule is for both, except that one with value= is for
 * writes, the only accesses that carry a value.  Without a WHERE it is for what
 * the defaults guard: unassigned space and vendor capabilities.
 */
#include <ctype.h>

#include "policy/internal.h"

#define ACCESS_READ (1U << VG_READ)
#define ACCESS_WRITE (1U << VG_WRITE)
#define ACCESS_BOTH (ACCESS_READ | ACCESS_WRITE)

enum option {
	OPT_VALUE,
	OPT_WMASK,
	OPT_READ,
	OPT_KEY,
	OPT_AUDIT, /* from here on without a value */
	OPT_SILENT,
	OPTIONS,
};

static const char *const option_names[OPTIONS] = {
	[OPT_VALUE] = "value=", [OPT_WMASK] = "wmask=", [OPT_READ] = "read=",
	[OPT_KEY] = "key=",	[OPT_AUDIT] = "audit",	[OPT_SILENT] = "silent",
};

/* A rule being read, and where its words stand. */
struct rule_line {
	struct vg_rule *rule;
	const struct vg_line *line;
	const struct vg_token *access; /* NULL: none written */
	const struct vg_token *where; /* NULL: none written */
	const struct vg_token *options[OPTIONS]; /* NULL: not written */
	bool value_has_mask;
};

bool vg_token_access(const struct vg_token *token, unsigned int *access)
{
	if (vg_token_is(token, "r"))
		*access = ACCESS_READ;
	else if (vg_token_is(token, "w"))
		*access = ACCESS_WRITE;
	else if (vg_token_is(token, "rw"))
		*access = ACCESS_BOTH;
	else
		return false;
	return true;
}

/* How else people write r, w and rw. */
static const char *access_meant(const struct vg_token *token)
{
	static const char *const meant[][2] = {
		{ "R", "r" },	 { "W", "w" },		{ "RW", "rw" },
		{ "wr", "rw" },	 { "WR", "rw" },	{ "read", "r" },
		{ "ro", "r" },	 { "write", "w" },	{ "wo", "w" },
		{ "r/w", "rw" }, { "both", "rw" },	{ "read-write", "rw" },
		{ "r,w", "rw" }, { "readwrite", "rw" },
	};
	size_t i;

	for (i = 0; i < sizeof(meant) / sizeof(meant[0]); i++)
		if (vg_token_is(token, meant[i][0]))
			return meant[i][1];
	return NULL;
}

bool vg_parse_access(struct vg_parser *parser, const struct vg_token *token,
		     unsigned int *access)
{
	const char *meant;
	char hint[VG_HINT_LEN];

	if (vg_token_access(token, access))
		return true;
	meant = access_meant(token);
	snprintf(hint, sizeof(hint), "write %s", meant ? meant : "r, w or rw");
	return vg_parser_error(parser, token, hint, "'%.*s' is not an access",
			       VG_TOKEN(token));
}

/* value=V or value=V/MASK; widths are checked once the place is known */
static bool parse_value(struct vg_parser *parser, const struct vg_token *text,
			struct rule_line *state)
{
	int slash = vg_token_find(text, '/');
	struct vg_rule *rule = state->rule;
	struct vg_token value = *text, mask;

	if (slash >= 0)
		value = vg_token_part(text, 0, slash);
	if (!vg_parser_number(parser, &value, "value", 0xffffffff,
			      &rule->value))
		return false;
	rule->has_value = true;
	if (slash < 0)
		return true;
	mask = vg_token_part(text, slash + 1, text->len - slash - 1);
	state->value_has_mask = true;
	return vg_parser_number(parser, &mask, "mask", 0xffffffff,
				&rule->value_mask);
}

static bool parse_read(struct vg_parser *parser, const struct vg_token *text,
		       struct rule_line *state)
{
	static const char *const words[] = { "ones", "last", NULL };
	struct vg_rule *rule = state->rule;

	if (vg_token_is(text, "ones")) {
		rule->read = VG_READ_ONES;
	} else if (vg_token_is(text, "last")) {
		rule->read = VG_READ_LAST;
	} else if (!text->len || text->text[0] < '0' || text->text[0] > '9') {
		return vg_parser_unknown(parser, text, "a value to read", words,
					 "write read=0, read=ones, read=last "
					 "or a number: read=0x10");
	} else {
		if (!vg_parser_number(parser, text, "value", 0xffffffff,
				      &rule->read_value))
			return false;
		rule->read = rule->read_value ? VG_READ_CONST : VG_READ_ZERO;
	}
	return true;
}

static bool parse_key(struct vg_parser *parser, const struct vg_token *text,
		      struct rule_line *state)
{
	unsigned int i;

	if (!text->len)
		return vg_parser_error(parser, text,
				       "write a name to search for: key=tg3",
				       "the key is missing");
	if (text->len >= VG_KEY_LEN)
		return vg_parser_error(parser, text, "use a shorter name",
				       "a key has at most %d bytes",
				       VG_KEY_LEN - 1);
	for (i = 0; i < text->len; i++) {
		struct vg_token bad = vg_token_part(text, i, 1);

		if (!isalnum((__u8)text->text[i]) &&
		    !strchr("-_.:", text->text[i]))
			return vg_parser_error(
				parser, &bad, "use letters, digits and - _ . :",
				"'%c' can't be in a key", text->text[i]);
	}
	memcpy(state->rule->key, text->text, text->len);
	return true;
}

static bool parse_option(struct vg_parser *parser, const struct vg_token *token,
			 enum option option, struct rule_line *state)
{
	size_t len = strlen(option_names[option]);
	struct vg_token text = vg_token_part(token, len, token->len - len);

	if (state->options[option])
		return vg_parser_error(parser, token, "keep one of the two",
				       "'%s' stands here twice",
				       option_names[option]);
	state->options[option] = token;
	switch (option) {
	case OPT_VALUE:
		return parse_value(parser, &text, state);
	case OPT_WMASK:
		state->rule->has_write_mask = true;
		return vg_parser_number(parser, &text, "mask", 0xffffffff,
					&state->rule->write_mask);
	case OPT_READ:
		return parse_read(parser, &text, state);
	case OPT_KEY:
		return parse_key(parser, &text, state);
	default:
		state->rule->audit = option == OPT_AUDIT;
		return true;
	}
}

/* A word that is no option: the place, or in the wrong place. */
static bool parse_place(struct vg_parser *parser, const struct vg_token *token,
			unsigned int behind_device, struct rule_line *state)
{
	struct vg_where where;
	unsigned int access;

	if (vg_token_access(token, &access))
		return vg_parser_error(
			parser, token,
			"write it before the device: "
			"allow rw 8086:10d3",
			"the access '%.*s' is in the wrong place",
			VG_TOKEN(token));
	if (!vg_parse_where(parser, token,
			    behind_device ? &where : &state->rule->where))
		return false;
	if (state->where)
		return vg_parser_error(parser, token,
				       "write one rule for each place",
				       "a rule has only one place");
	if (behind_device)
		return vg_parser_error(parser, token,
				       "write it right behind the device",
				       "the place stands behind an option");
	state->where = token;
	return true;
}

/* Which option a word is, OPTIONS when it is none. */
static enum option option_find(const struct vg_token *token)
{
	int option;

	for (option = 0; option < OPTIONS; option++) {
		const char *name = option_names[option];

		/* Mostly false, and 100,000 rules ask. */
		if (token->text[0] != name[0])
			continue;
		if (option < OPT_AUDIT ? vg_token_starts(token, name) :
					 vg_token_is(token, name))
			break;
	}
	return option;
}

static bool parse_rest(struct vg_parser *parser, unsigned int from,
		       struct rule_line *state)
{
	const struct vg_line *line = state->line;
	unsigned int i;

	for (i = from; i < line->nr; i++) {
		const struct vg_token *token = &line->tok[i];
		enum option option = option_find(token);

		if (option < OPTIONS ?
			    !parse_option(parser, token, option, state) :
			    !parse_place(parser, token, i - from, state))
			return false;
	}
	return true;
}

/* value=, wmask= and read=0x10 are of one register; how many bytes has it? */
static unsigned int register_width(const struct vg_where *where)
{
	if (where->kind != VG_WHERE_RANGE || where->last - where->first > 3)
		return 0;
	return where->last - where->first + 1;
}

/* A number of a register must fit it. */
static bool check_width(struct vg_parser *parser, const struct vg_token *token,
			const struct rule_line *state, __u32 number)
{
	unsigned int width = register_width(&state->rule->where);

	if (!width)
		return vg_parser_error(parser, token,
				       "name one register of at most four "
				       "bytes behind the device: 0x80 or "
				       "0x80-0x81",
				       "'%.*s' is for one register",
				       VG_TOKEN(token));
	if (width < 4 && number >> width * 8)
		return vg_parser_error(parser, token,
				       "widen the range, or shorten the number",
				       "0x%x does not fit the %u byte%s of the "
				       "register",
				       number, width, width > 1 ? "s" : "");
	return true;
}

static bool check_value(struct vg_parser *parser, const struct rule_line *state)
{
	const struct vg_token *token = state->options[OPT_VALUE];
	struct vg_rule *rule = state->rule;
	char hint[VG_HINT_LEN];

	if (rule->access & ACCESS_READ) {
		snprintf(hint, sizeof(hint), "write '%s w' for this value",
			 rule->verdict == VG_ALLOW ? "allow" : "block");
		return vg_parser_error(
			parser, token, hint,
			"only writes carry a value, and the rule "
			"is for %s",
			rule->access == ACCESS_READ ? "reads" : "reads too");
	}
	if (!check_width(parser, token, state, rule->value) ||
	    !check_width(parser, token, state, rule->value_mask))
		return false;
	if (!state->value_has_mask)
		rule->value_mask =
			0xffffffffU >> (32 - 8 * register_width(&rule->where));
	if (!rule->value_mask)
		return vg_parser_error(parser, token,
				       "leave value= out to match every write",
				       "a mask of 0 compares no bit");
	if (rule->value & ~rule->value_mask) {
		snprintf(hint, sizeof(hint),
			 "write value=0x%x/0x%x, or widen "
			 "the mask",
			 rule->value & rule->value_mask, rule->value_mask);
		return vg_parser_error(
			parser, token, hint,
			"the value has bits outside the mask, so "
			"no write matches");
	}
	return true;
}

static bool check_wmask(struct vg_parser *parser, const struct rule_line *state)
{
	const struct vg_token *token = state->options[OPT_WMASK];
	struct vg_rule *rule = state->rule;

	if (rule->verdict == VG_BLOCK)
		return vg_parser_error(parser, token,
				       "write 'allow w' to let only these bits "
				       "change, or leave wmask= out",
				       "a blocked write changes no bit");
	if (!(rule->access & ACCESS_WRITE))
		return vg_parser_error(parser, token,
				       "write 'allow w' or "
				       "'allow rw'",
				       "wmask= is for writes, and the rule is "
				       "for reads");
	if (!check_width(parser, token, state, rule->write_mask))
		return false;
	if (!rule->write_mask)
		return vg_parser_error(parser, token, "write 'block w'",
				       "a mask of 0 lets no bit through");
	return true;
}

static bool check_read(struct vg_parser *parser, const struct rule_line *state)
{
	const struct vg_token *token = state->options[OPT_READ];
	struct vg_rule *rule = state->rule;

	if (rule->verdict == VG_ALLOW)
		return vg_parser_error(
			parser, token, "write 'block r', or leave read= out",
			"an allowed read returns what the device "
			"says");
	if (!(rule->access & ACCESS_READ))
		return vg_parser_error(
			parser, token,
			"write 'block r' or "
			"'block rw'",
			"read= is for reads, and the rule is for "
			"writes");
	return rule->read != VG_READ_CONST ||
	       check_width(parser, token, state, rule->read_value);
}

/* What single words can't show to be wrong. */
static bool check_rule(struct vg_parser *parser, struct rule_line *state)
{
	struct vg_rule *rule = state->rule;

	if (state->options[OPT_AUDIT] && state->options[OPT_SILENT])
		return vg_parser_error(
			parser,
			state->options[OPT_AUDIT] < state->options[OPT_SILENT] ?
				state->options[OPT_SILENT] :
				state->options[OPT_AUDIT],
			"keep one of the two",
			"a rule is either audit or silent");
	if (!state->access && rule->has_value)
		rule->access = ACCESS_WRITE;
	if (!state->where)
		rule->where.kind = VG_WHERE_GUARDED;
	return (!rule->has_value || check_value(parser, state)) &&
	       (!rule->has_write_mask || check_wmask(parser, state)) &&
	       (!state->options[OPT_READ] || check_read(parser, state));
}

/* The words up to the device; returns the index of the next, 0 on error. */
static unsigned int parse_head(struct vg_parser *parser,
			       struct rule_line *state)
{
	const struct vg_line *line = state->line;
	struct vg_rule *rule = state->rule;
	unsigned int at = 1;

	rule->verdict =
		vg_token_is(&line->tok[0], "block") ? VG_BLOCK : VG_ALLOW;
	rule->audit = rule->verdict == VG_BLOCK;
	rule->access = ACCESS_BOTH;
	if (at < line->nr && (vg_token_access(&line->tok[at], &rule->access) ||
			      access_meant(&line->tok[at]))) {
		state->access = &line->tok[at++];
		if (!vg_parse_access(parser, state->access, &rule->access))
			return 0;
	}
	if (at == line->nr) {
		struct vg_token behind = line->tok[at - 1];

		behind.column += behind.len;
		vg_parser_error(parser, &behind,
				"write e.g. 8086:10d3, or * for every device",
				"the device is missing");
		return 0;
	}
	if (!vg_parse_scope(parser, &line->tok[at], &rule->scope))
		return 0;
	rule->scope_column = line->tok[at].column;
	return at + 1;
}

void vg_parse_rule(struct vg_parser *parser, const struct vg_line *line)
{
	struct rule_line state = {
		.rule = vg_policy_new_rule(parser->policy),
		.line = line,
	};
	unsigned int at;

	if (parser->policy->nr_rules == VG_POLICY_RULES) {
		vg_parser_error(parser, &line->tok[0], "leave rules out",
				"a policy has %lu rules at most",
				VG_POLICY_RULES);
		return;
	}
	if (!state.rule) {
		parser->no_memory = true;
		return;
	}
	state.rule->pos = vg_parser_pos(parser, &line->tok[0]);
	at = parse_head(parser, &state);
	if (!at || !parse_rest(parser, at, &state) ||
	    !check_rule(parser, &state))
		return;
	if (state.where)
		state.rule->where_column = state.where->column;
	if (state.options[OPT_VALUE])
		state.rule->value_column = state.options[OPT_VALUE]->column;
	parser->policy->nr_rules++;
}
