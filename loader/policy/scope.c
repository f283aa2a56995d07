// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DEVICE of a rule: * | 8086:10d3 | 8086:* | class=0302 |
 * subsys=1028:1234 | slot=0000:01:00.0 | owner=/machine.slice
 */
#include <ctype.h>
#include <stdlib.h>

#include "policy/internal.h"

#define HINT_DEVICE                                                \
	"write *, 8086:10d3, 8086:*, class=02, subsys=1028:1234, " \
	"slot=0000:01:00.0 or owner=/machine.slice"

#define ID_DIGITS 4

static const char *const scope_words[] = { "class=", "subsys=", "slot=",
					   "owner=", NULL };

/* Words that belong elsewhere in the line: here the device was forgotten. */
static const char *const later_words[] = {
	"any",	"header", "cap",    "vendor", "unassigned", "audit", "silent",
	"cap=", "ecap=",  "value=", "wmask=", "read=",	    "key=",  NULL
};

/* Somebody wrote the id some other way: show how it is written here. */
static bool id_error(struct vg_parser *parser, const struct vg_token *id,
		     const char *which)
{
	struct vg_token digits = *id;
	char hint[VG_HINT_LEN];
	__u32 value;

	if (vg_token_starts(id, "0x") || vg_token_starts(id, "0X"))
		digits = vg_token_part(id, 2, id->len - 2);
	if (vg_token_digits(&digits, &value) && value <= 0xffff)
		snprintf(hint, sizeof(hint),
			 "ids are four hex digits without 0x: write %04x",
			 value);
	else
		snprintf(hint, sizeof(hint),
			 "ids are four hex digits, as lspci -n shows them");
	if (!id->len)
		return vg_parser_error(parser, id, hint, "the %s id is missing",
				       which);
	return vg_parser_error(parser, id, hint, "'%.*s' is not a %s id",
			       VG_TOKEN(id), which);
}

static bool parse_id(struct vg_parser *parser, const struct vg_token *id,
		     const char *which, __u16 *value)
{
	__u32 number;

	if (id->len != ID_DIGITS || !vg_token_digits(id, &number))
		return id_error(parser, id, which);
	if (number == VG_ANY_DEVICE)
		return vg_parser_error(parser, id,
				       "write * for every device of a vendor",
				       "no device has the %s id ffff", which);
	*value = number;
	return true;
}

/* vvvv:dddd, the device id a star when @star */
static bool parse_ids(struct vg_parser *parser, const struct vg_token *ids,
		      bool star, struct vg_scope *scope)
{
	int colon = vg_token_find(ids, ':');
	struct vg_token vendor = vg_token_part(ids, 0, colon);
	struct vg_token device =
		vg_token_part(ids, colon + 1, ids->len - colon - 1);

	if (vg_token_is(&vendor, "*"))
		return vg_parser_error(parser, &vendor,
				       "write a single * for every device, or "
				       "class=, subsys=, slot=, owner=",
				       "the vendor of a device can't be *");
	if (!parse_id(parser, &vendor, "vendor", &scope->vendor))
		return false;
	if (!vg_token_is(&device, "*"))
		return parse_id(parser, &device, "device", &scope->device);
	if (!star)
		return vg_parser_error(parser, &device,
				       "write one rule for each subsystem, or "
				       "8086:* for a vendor's devices",
				       "a subsystem has no *");
	scope->kind = VG_SCOPE_VENDOR;
	scope->device = VG_ANY_DEVICE;
	return true;
}

static bool parse_class(struct vg_parser *parser, const struct vg_token *text,
			struct vg_scope *scope)
{
	static const char hint[] =
		"write two, four or six hex digits without 0x: class=02, "
		"class=0302, class=010802";
	__u32 digits;

	if ((text->len != 2 && text->len != 4 && text->len != 6) ||
	    !vg_token_digits(text, &digits))
		return vg_parser_error(parser, text, hint,
				       "'%.*s' is not a device class",
				       VG_TOKEN(text));
	scope->class = digits << (24 - 4 * text->len);
	scope->class_mask = 0xffffff & 0xffffffU << (24 - 4 * text->len);
	return true;
}

/* The number between two separators of a slot. */
static bool slot_number(const struct vg_token *text, unsigned int from,
			unsigned int len, __u32 max, __u32 *value)
{
	struct vg_token part = vg_token_part(text, from, len);

	return vg_token_digits(&part, value) && *value <= max;
}

/*
 * [DDDD:]BB:DD.F, as lspci -D prints it: a domain above ffff, as VMD makes them,
 * has up to eight digits.
 */
static bool parse_slot(struct vg_parser *parser, const struct vg_token *text,
		       struct vg_scope *scope)
{
	static const char hint[] =
		"write it as lspci -D shows it: slot=0000:01:00.0";
	const unsigned int tail = strlen(":01:00.0");
	__u32 domain = 0, bus, dev, fn;
	struct vg_token rest = *text;

	if (text->len >= 4 + tail) {
		unsigned int digits = text->len - tail;

		if (digits > 8 || text->text[digits] != ':' ||
		    (digits > 4 && text->text[0] == '0') ||
		    !slot_number(text, 0, digits, 0xffffffff, &domain))
			return vg_parser_error(parser, text, hint,
					       "'%.*s' is not a PCI address",
					       VG_TOKEN(text));
		rest = vg_token_part(text, digits + 1, tail - 1);
	}
	if (rest.len != strlen("01:00.0") || rest.text[2] != ':' ||
	    rest.text[5] != '.' || !slot_number(&rest, 0, 2, 0xff, &bus) ||
	    !slot_number(&rest, 3, 2, 0xff, &dev) ||
	    !slot_number(&rest, 6, 1, 0xf, &fn))
		return vg_parser_error(parser, text, hint,
				       "'%.*s' is not a PCI address",
				       VG_TOKEN(text));
	if (dev > 0x1f || fn > 7) {
		struct vg_token bad = dev > 0x1f ? vg_token_part(&rest, 3, 2) :
						   vg_token_part(&rest, 6, 1);

		return vg_parser_error(parser, &bad,
				       "devices go up to 1f, functions to 7",
				       "no PCI address has the %s %.*s",
				       dev > 0x1f ? "device" : "function",
				       VG_TOKEN(&bad));
	}
	scope->slot = VG_SLOT(domain, bus, dev << 3 | fn);
	if (scope->slot == VG_SLOT_NONE)
		return vg_parser_error(parser, text, hint,
				       "0000:00:00.0 is the host bridge, which "
				       "no guest is given");
	return true;
}

static bool parse_owner(struct vg_parser *parser, const struct vg_token *path,
			struct vg_scope *scope)
{
	struct vg_policy *policy = parser->policy;
	unsigned int i;

	if (!path->len || path->text[0] != '/')
		return vg_parser_error(parser, path,
				       "write the path of /proc/PID/cgroup "
				       "behind 0::, which starts with /",
				       "the owner '%.*s' is no absolute path",
				       VG_TOKEN(path));
	for (i = 1; i < path->len; i++) {
		struct vg_token bad = vg_token_part(path, i, 1);

		/* Also the last: a path that ends in / is written without. */
		if (path->text[i] != '/' ||
		    (path->text[i - 1] != '/' && i + 1 < path->len))
			continue;
		return vg_parser_error(parser, &bad, "leave this / out",
				       "no cgroup path has a / here");
	}
	if (vg_token_starts(path, "/sys/fs/cgroup/"))
		return vg_parser_error(parser, path, "leave /sys/fs/cgroup out",
				       "the owner is a path below the cgroup "
				       "mount");

	/* Rules of one guest mostly stand together and share the string. */
	if (policy->nr_strings) {
		char *last = policy->strings[policy->nr_strings - 1];

		if (vg_token_is(path, last)) {
			scope->owner = last;
			return true;
		}
	}
	scope->owner = vg_keep_string(&policy->strings, &policy->nr_strings,
				      strndup(path->text, path->len));
	if (!scope->owner)
		parser->no_memory = true;
	return scope->owner;
}

/* No form of a device: say what it may have been meant for. */
static bool scope_error(struct vg_parser *parser, const struct vg_token *token)
{
	struct vg_token digits = *token;
	int equal = vg_token_find(token, '=');
	struct vg_token name = vg_token_part(
		token, 0, equal < 0 ? token->len : (unsigned int)equal + 1);
	const char *const *later;
	char hint[VG_HINT_LEN];
	__u32 id;

	for (later = later_words; *later; later++)
		if (vg_token_is(&name, *later))
			return vg_parser_error(
				parser, token,
				"write * in front of it if every "
				"device is meant",
				"the device is missing before "
				"'%.*s'",
				VG_TOKEN(token));
	if (vg_token_starts(token, "rev="))
		return vg_parser_error(
			parser, token,
			"write the device, and tell revisions apart by subsys= "
			"or slot=",
			"no rule is for a revision");
	if (vg_token_is(token, "all"))
		return vg_parser_error(parser, token,
				       "write * for every device",
				       "'all' is not a device");
	if (vg_token_starts(token, "0x"))
		digits = vg_token_part(token, 2, token->len - 2);
	if (digits.len == ID_DIGITS && vg_token_digits(&digits, &id)) {
		snprintf(hint, sizeof(hint),
			 "write %04x:* for every device of a vendor", id);
		return vg_parser_error(parser, token, hint,
				       "'%.*s' is half of a device",
				       VG_TOKEN(token));
	}
	if (digits.len == 9 && ispunct((__u8)digits.text[4])) {
		snprintf(hint, sizeof(hint), "write %.4s:%.4s", digits.text,
			 digits.text + 5);
		return vg_parser_error(parser, token, hint,
				       "'%.*s' is not a device",
				       VG_TOKEN(token));
	}
	if (vg_token_starts(token, "0x"))
		return vg_parser_error(parser, token,
				       "write the device first, then the place",
				       "'%.*s' is not a device",
				       VG_TOKEN(token));
	return vg_parser_unknown(parser, &name, "a device", scope_words,
				 HINT_DEVICE);
}

static bool parse_subsys(struct vg_parser *parser, const struct vg_token *text,
			 struct vg_scope *scope)
{
	if (vg_token_find(text, ':') < 0)
		return vg_parser_error(parser, text, "write subsys=1028:1234",
				       "'%.*s' is not a subsystem",
				       VG_TOKEN(text));
	return parse_ids(parser, text, false, scope);
}

/* The forms that start with a name and = */
static bool parse_named(struct vg_parser *parser, const struct vg_token *token,
			struct vg_scope *scope)
{
	static const struct {
		const char *prefix;
		enum vg_scope_kind kind;
		bool (*parse)(struct vg_parser *parser,
			      const struct vg_token *text,
			      struct vg_scope *scope);
	} forms[] = {
		{ "class=", VG_SCOPE_CLASS, parse_class },
		{ "subsys=", VG_SCOPE_SUBSYS, parse_subsys },
		{ "slot=", VG_SCOPE_SLOT, parse_slot },
		{ "owner=", VG_SCOPE_OWNER, parse_owner },
	};
	struct vg_token rest;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t len = strlen(forms[i].prefix);

		if (!vg_token_starts(token, forms[i].prefix))
			continue;
		scope->kind = forms[i].kind;
		rest = vg_token_part(token, len, token->len - len);
		return forms[i].parse(parser, &rest, scope);
	}
	return scope_error(parser, token);
}

bool vg_parse_scope(struct vg_parser *parser, const struct vg_token *token,
		    struct vg_scope *scope)
{
	char hint[VG_HINT_LEN];

	if (vg_token_is(token, "*")) {
		scope->kind = VG_SCOPE_ANY;
		return true;
	}
	if (vg_token_find(token, '=') >= 0)
		return parse_named(parser, token, scope);
	if (vg_token_find(token, ':') < 0)
		return scope_error(parser, token);
	if (vg_token_find(token, '.') >= 0) {
		snprintf(hint, sizeof(hint), "write slot=%.*s",
			 VG_TOKEN(token));
		return vg_parser_error(parser, token, hint,
				       "'%.*s' looks like a PCI address",
				       VG_TOKEN(token));
	}
	scope->kind = VG_SCOPE_DEVICE;
	return parse_ids(parser, token, true, scope);
}
