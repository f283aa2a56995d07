// SPDX-License-Identifier: GPL-2.0-only
/*
 * The WHERE of a rule: any | header | cap | vendor | unassigned | cap=msix |
 * ecap=0x1e | 0x80 | 0x80-0x8f
 *
 * A single offset means what people mean by it: the register.  When it is a
 * multiple of four that is the dword there, otherwise the one byte.  A range
 * means exactly its bytes, both ends included.
 */
#include <stdlib.h>

#include "policy/caps.h"
#include "policy/internal.h"

#define CONFIG_LAST 0xfff
#define CAP_ID_MAX 0xff
#define ECAP_ID_MAX 0xffff

#define HINT_WHERE                                                       \
	"write any, header, cap, vendor, unassigned, cap=NAME, 0x80 or " \
	"0x80-0x8f"

static bool parse_offset(struct vg_parser *parser, const struct vg_token *text,
			 __u16 *offset)
{
	int dot = vg_token_find(text, '.');
	struct vg_token number = *text;
	char hint[VG_HINT_LEN];
	__u32 value = 0;

	if (dot > 0)
		number = vg_token_part(text, 0, dot);
	if (!vg_parser_number(parser, &number, "offset", 0xffffffff, &value))
		return false;
	if (value > CONFIG_LAST)
		return vg_parser_error(parser, text,
				       "config space ends at 0xfff",
				       "offset %.*s is past the end of config "
				       "space",
				       VG_TOKEN(text));
	if (dot > 0) {
		struct vg_token suffix =
			vg_token_part(text, dot, text->len - dot);
		unsigned int width = vg_token_is(&suffix, ".l") ? 4 :
				     vg_token_is(&suffix, ".w") ? 2 :
								  1;

		snprintf(hint, sizeof(hint), "write the range: 0x%02x-0x%02x",
			 value, value + width - 1);
		return vg_parser_error(parser, &suffix, hint,
				       "an offset takes no '%.*s'",
				       VG_TOKEN(&suffix));
	}
	*offset = value;
	return true;
}

static bool parse_range(struct vg_parser *parser, const struct vg_token *token,
			struct vg_where *where)
{
	int dash = vg_token_find(token, '-');
	struct vg_token first, last;
	char hint[VG_HINT_LEN];

	where->kind = VG_WHERE_RANGE;
	if (dash < 0) {
		if (!parse_offset(parser, token, &where->first))
			return false;
		where->last =
			where->first % 4 ? where->first : where->first + 3;
		return true;
	}
	first = vg_token_part(token, 0, dash);
	last = vg_token_part(token, dash + 1, token->len - dash - 1);
	if (!last.len)
		return vg_parser_error(parser, &last,
				       "write 0x80-0x8f, without blanks",
				       "the end of the range is missing");
	if (!parse_offset(parser, &first, &where->first) ||
	    !parse_offset(parser, &last, &where->last))
		return false;
	if (where->first <= where->last)
		return true;
	snprintf(hint, sizeof(hint), "write 0x%02x-0x%02x", where->last,
		 where->first);
	return vg_parser_error(parser, token, hint,
			       "the range ends before it starts");
}

/* cap=NAME, cap=0x09 or ecap=0x00b; @id is what stands behind the = */
static bool parse_cap(struct vg_parser *parser, const struct vg_token *id,
		      bool ext, struct vg_where *where)
{
	const struct vg_cap *cap = vg_cap_by_name(id->text, id->len);
	__u32 number;

	where->kind = VG_WHERE_CAP;
	if (cap && (cap->ext || !ext)) {
		where->cap = cap->id;
		where->ext = cap->ext;
		return true;
	}
	if (cap)
		return vg_parser_error(parser, id, "write cap= before the name",
				       "'%s' is not an extended capability",
				       cap->name);
	if (!id->len)
		return vg_parser_error(parser, id,
				       "write e.g. cap=msix, or 'cap' alone "
				       "for every ordinary capability",
				       "the capability is missing");
	if (id->text[0] < '0' || id->text[0] > '9')
		return vg_parser_unknown(parser, id, "a capability",
					 vg_cap_names,
					 "write its id: cap=0x09, or ecap=0x0b "
					 "for an extended one");
	if (!vg_parser_number(parser, id, "capability id",
			      ext ? ECAP_ID_MAX : CAP_ID_MAX, &number))
		return false;
	if (!number)
		return vg_parser_error(parser, id,
				       "write 'header' for the "
				       "first 64 bytes",
				       "no capability has the id 0");
	where->cap = number;
	where->ext = ext;
	return true;
}

/* Words that are well meant and no place. */
static bool not_a_place(struct vg_parser *parser, const struct vg_token *token)
{
	static const char *const devices[] = { "owner=", "slot=", "class=",
					       "subsys=", NULL };
	const char *const *word;
	bool device = token->len > 4 && token->text[4] == ':';

	for (word = devices; *word; word++)
		device |= vg_token_starts(token, *word);
	if (device || vg_token_is(token, "*"))
		return !vg_parser_error(
			parser, token,
			"write a rule for each; the more specific decides: a "
			"slot, then an owner, then a device",
			"'%.*s' is a second device, and a rule is for one",
			VG_TOKEN(token));
	if (vg_token_starts(token, "rev="))
		return !vg_parser_error(
			parser, token,
			"tell such devices apart by subsys= or slot=",
			"no rule is for a revision");
	if (vg_token_is(token, "keep") || vg_token_starts(token, "keep="))
		return !vg_parser_error(
			parser, token,
			"wmask= names the bits that may change, the others stay "
			"as the device has them: 0x80 wmask=0xff",
			"'keep' is no option");
	return false;
}

bool vg_parse_where(struct vg_parser *parser, const struct vg_token *token,
		    struct vg_where *where)
{
	static const struct {
		const char *word;
		enum vg_where_kind kind;
	} kinds[] = {
		{ "any", VG_WHERE_ANY },
		{ "header", VG_WHERE_HEADER },
		{ "cap", VG_WHERE_CAPS },
		{ "vendor", VG_WHERE_VENDOR },
		{ "unassigned", VG_WHERE_UNASSIGNED },
	};
	/* Everything that can stand behind the device. */
	static const char *const words[] = {
		"any",	 "header", "cap",    "vendor", "unassigned",
		"cap=",	 "ecap=",  "value=", "wmask=", "read=",
		"audit", "silent", "key=",   NULL
	};
	int equal = vg_token_find(token, '=');
	struct vg_token part;
	size_t i;

	if (not_a_place(parser, token))
		return false;
	if (token->text[0] >= '0' && token->text[0] <= '9')
		return parse_range(parser, token, where);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!vg_token_is(token, kinds[i].word))
			continue;
		where->kind = kinds[i].kind;
		return true;
	}
	if (vg_token_starts(token, "cap=")) {
		part = vg_token_part(token, 4, token->len - 4);
		return parse_cap(parser, &part, false, where);
	}
	if (vg_token_starts(token, "ecap=")) {
		part = vg_token_part(token, 5, token->len - 5);
		return parse_cap(parser, &part, true, where);
	}
	if (vg_token_is(token, "other"))
		return vg_parser_error(parser, token,
				       "write header, cap or any",
				       "'other' stands only in default lines");
	if (equal < 0 && vg_cap_by_name(token->text, token->len)) {
		char hint[VG_HINT_LEN];

		snprintf(hint, sizeof(hint), "write cap=%.*s", VG_TOKEN(token));
		return vg_parser_error(parser, token, hint,
				       "a capability is written with cap=");
	}
	part = vg_token_part(token, 0,
			     equal < 0 ? token->len : (unsigned int)equal + 1);
	return vg_parser_unknown(parser, &part, "a place or an option", words,
				 HINT_WHERE);
}
