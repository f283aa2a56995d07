// SPDX-License-Identifier: GPL-2.0-only
/*
 * A policy back as text, in one canonical spelling: for messages, for suggest
 * and for showing what is loaded.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "policy/caps.h"
#include "policy/policy.h"
#include "util/printable.h"
#include "util/slot.h"

/* Text that grows in a buffer and goes on counting behind its end. */
struct text {
	char *buf;
	size_t len;
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text,
						      const char *fmt, ...)
{
	size_t left = text->used < text->len ? text->len - text->used : 0;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(left ? text->buf + text->used : NULL, left, fmt, args);
	va_end(args);
	if (len > 0)
		text->used += len;
}

const char *vg_region_name(enum vg_region region)
{
	switch (region) {
	case VG_REGION_UNASSIGNED:
		return "unassigned";
	case VG_REGION_VENDOR:
		return "vendor";
	default:
		return "other";
	}
}

static const char *verdict_name(unsigned int verdict)
{
	return verdict == VG_ALLOW ? "allow" : "block";
}

static void add_scope(struct text *text, const struct vg_scope *scope)
{
	char slot[VG_SLOT_LEN];

	switch (scope->kind) {
	case VG_SCOPE_ANY:
		add(text, "*");
		break;
	case VG_SCOPE_CLASS:
		if (scope->class_mask == 0xff0000)
			add(text, "class=%02x", scope->class >> 16);
		else if (scope->class_mask == 0xffff00)
			add(text, "class=%04x", scope->class >> 8);
		else
			add(text, "class=%06x", scope->class);
		break;
	case VG_SCOPE_VENDOR:
		add(text, "%04x:*", scope->vendor);
		break;
	case VG_SCOPE_DEVICE:
		add(text, "%04x:%04x", scope->vendor, scope->device);
		break;
	case VG_SCOPE_SUBSYS:
		add(text, "subsys=%04x:%04x", scope->vendor, scope->device);
		break;
	case VG_SCOPE_OWNER:
		add(text, "owner=%s", scope->owner);
		break;
	case VG_SCOPE_SLOT:
		vg_slot_format(scope->slot, slot);
		add(text, "slot=%s", slot);
		break;
	}
}

static void add_cap(struct text *text, const struct vg_where *where)
{
	const struct vg_cap *cap = vg_cap_by_id(where->cap, where->ext);

	if (cap)
		add(text, "cap=%s", cap->name);
	else if (where->ext)
		add(text, "ecap=0x%03x", where->cap);
	else
		add(text, "cap=0x%02x", where->cap);
}

static void add_where(struct text *text, const struct vg_where *where)
{
	bool dword = !(where->first % 4) && where->last == where->first + 3;
	bool byte = where->first % 4 && where->last == where->first;

	switch (where->kind) {
	case VG_WHERE_ANY:
		add(text, "any");
		break;
	case VG_WHERE_GUARDED:
		break;
	case VG_WHERE_HEADER:
		add(text, "header");
		break;
	case VG_WHERE_CAPS:
		add(text, "cap");
		break;
	case VG_WHERE_VENDOR:
		add(text, "vendor");
		break;
	case VG_WHERE_UNASSIGNED:
		add(text, "unassigned");
		break;
	case VG_WHERE_CAP:
		add_cap(text, where);
		break;
	case VG_WHERE_RANGE:
		add(text, "0x%02x", where->first);
		if (!dword && !byte)
			add(text, "-0x%02x", where->last);
		break;
	}
}

static void add_options(struct text *text, const struct vg_rule *rule)
{
	unsigned int width = rule->where.last - rule->where.first + 1;

	if (rule->has_value) {
		add(text, " value=0x%x", rule->value);
		if (width > 4 ||
		    rule->value_mask != 0xffffffffU >> (32 - 8 * width))
			add(text, "/0x%x", rule->value_mask);
	}
	if (rule->has_write_mask)
		add(text, " wmask=0x%x", rule->write_mask);
	/* Zero is what a blocked read returns when nothing is said. */
	if (rule->read == VG_READ_ONES)
		add(text, " read=ones");
	else if (rule->read == VG_READ_LAST)
		add(text, " read=last");
	else if (rule->read == VG_READ_CONST)
		add(text, " read=0x%x", rule->read_value);
	if (rule->audit != (rule->verdict == VG_BLOCK))
		add(text, rule->audit ? " audit" : " silent");
	if (rule->key[0])
		add(text, " key=%s", rule->key);
}

int vg_scope_format(const struct vg_scope *scope, char *buf, size_t len)
{
	struct text text = { .buf = buf, .len = len };

	add_scope(&text, scope);
	return text.used;
}

int vg_where_format(const struct vg_where *where, char *buf, size_t len)
{
	struct text text = { .buf = buf, .len = len };

	if (len)
		buf[0] = '\0';
	add_where(&text, where);
	return text.used;
}

int vg_rule_format(const struct vg_rule *rule, char *buf, size_t len)
{
	static const char *const access[] = { "", "r", "w", "rw" };
	struct text text = { .buf = buf, .len = len };

	add(&text, "%s %s ", verdict_name(rule->verdict),
	    access[rule->access & 3]);
	add_scope(&text, &rule->scope);
	if (rule->where.kind != VG_WHERE_GUARDED)
		add(&text, " ");
	add_where(&text, &rule->where);
	add_options(&text, rule);
	return text.used;
}

int vg_default_format(enum vg_region region, enum vg_access access,
		      const struct vg_default *def, char *buf, size_t len)
{
	const char *report = "";

	if (def->audit != (def->verdict == VG_BLOCK))
		report = def->audit ? " audit" : " silent";
	return snprintf(buf, len, "default %s %s %s%s",
			verdict_name(def->verdict),
			access == VG_READ ? "r" : "w", vg_region_name(region),
			report);
}

/* An owner may be as long as a line. */
#define LINE_BYTES 5000

const char *vg_rule_show(const struct vg_rule *rule, char buf[VG_RULE_TEXT])
{
	char line[LINE_BYTES];

	vg_rule_format(rule, line, sizeof(line));
	return vg_shorten(line, buf, VG_RULE_TEXT);
}

int vg_policy_format(const struct vg_policy *policy, FILE *out)
{
	char line[LINE_BYTES];
	int region, access;
	size_t i;

	if (policy->stock_value)
		fputs("stock-value block\n", out);
	fprintf(out, "mode %s\nrate %u burst %u\n",
		policy->mode == VG_MODE_MONITOR ? "monitor" : "enforce",
		policy->rate, policy->burst);
	for (region = 0; region < VG_REGIONS; region++) {
		for (access = 0; access < VG_ACCESSES; access++) {
			vg_default_format(region, access,
					  &policy->defaults[region][access],
					  line, sizeof(line));
			fprintf(out, "%s\n", line);
		}
	}
	for (i = 0; i < policy->nr_rules; i++) {
		vg_rule_format(&policy->rules[i], line, sizeof(line));
		fprintf(out, "%s\n", line);
	}
	return ferror(out) ? -EIO : 0;
}
