// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "answer/explain.h"
#include "maps/ask.h"
#include "maps/devices.h"
#include "maps/map_rule.h"
#include "maps/rule_source.h"
#include "util/printable.h"

#define EXT_CONFIG 0x100
/* Behind config space: what holds where no rule names a register. */
#define NO_REGISTER 0x1000

struct vg_query vg_query_of_function(const struct vg_function *f)
{
	return (struct vg_query){
		.vendor = f->vendor,
		.device = f->device,
		.subvendor = f->subvendor,
		.subdevice = f->subdevice,
		.class = f->class,
		.slot = f->slot,
		.offset = NO_REGISTER,
		.size = 4,
		.access = VG_WRITE,
		.where = VG_WHERE_UNASSIGNED,
	};
}

/*
 * From what the rules say to what becomes of the access, as make_plan() and
 * settle() of the BPF program have it.
 */
static void settle(struct vg_explained *e)
{
	bool by_default = e->left_to_native;

	e->verdict = e->rules_say;
	if (e->rules_say == VG_BLOCK && e->mode == VG_MODE_MONITOR) {
		e->verdict = VG_WOULD_BLOCK;
		by_default = true;
	}
	e->left_to_native = by_default && e->verdict != VG_BLOCK;
	if (!e->left_to_native || e->native != VG_NATIVE_BLOCK)
		return;
	e->verdict = VG_BLOCK;
	e->why.reason = VG_REASON_NATIVE;
	e->audit = true;
	e->write_mask = 0;
	e->read_value = 0;
	e->read_last = 0;
}

/* --- From a policy as written ---------------------------------------------- */

static unsigned int scope_detail(enum vg_scope_kind kind)
{
	switch (kind) {
	case VG_SCOPE_CLASS:
		return VG_UNSAID_CLASS;
	case VG_SCOPE_SUBSYS:
		return VG_UNSAID_SUBSYS;
	case VG_SCOPE_SLOT:
		return VG_UNSAID_SLOT;
	case VG_SCOPE_OWNER:
		return VG_UNSAID_OWNER;
	default:
		return 0;
	}
}

/* Whether a rule is for another device than the one that is asked about. */
static bool other_device(const struct vg_scope *scope,
			 const struct vg_query *query)
{
	switch (scope->kind) {
	case VG_SCOPE_VENDOR:
		return scope->vendor != query->vendor;
	case VG_SCOPE_DEVICE:
		return scope->vendor != query->vendor ||
		       scope->device != query->device;
	default:
		return false;
	}
}

/* Details that rules of the policy look at, for such an access. */
static unsigned int policy_details(const struct vg_policy *policy,
				   const struct vg_query *query)
{
	unsigned int details = 0;
	size_t i;

	for (i = 0; i < policy->nr_rules; i++) {
		const struct vg_rule *rule = &policy->rules[i];
		const struct vg_where *where = &rule->where;

		if (!(rule->access & 1U << query->access) ||
		    other_device(&rule->scope, query) ||
		    (where->kind == VG_WHERE_RANGE &&
		     (where->last < query->offset ||
		      where->first >= query->offset + query->size)))
			continue;
		details |= scope_detail(rule->scope.kind);
		if (rule->has_value)
			details |= VG_UNSAID_VALUE;
	}
	return details;
}

static void policy_why(const struct vg_policy *policy,
		       const struct vg_query *query,
		       const struct vg_answer *answer, struct vg_why *why)
{
	const struct vg_pos *pos;

	if (answer->rule) {
		why->reason = VG_REASON_RULE;
		vg_rule_show(answer->rule, why->text);
		pos = &answer->rule->pos;
		memcpy(why->key, answer->rule->key, sizeof(why->key));
	} else {
		why->reason = VG_REASON_DEFAULT;
		vg_default_format(
			answer->region, query->access,
			&policy->defaults[answer->region][query->access],
			why->text, sizeof(why->text));
		pos = &policy->default_pos[answer->region][query->access];
	}
	if (!pos->file)
		return;
	vg_shorten(pos->file, why->file, sizeof(why->file));
	why->line = pos->line;
}

void vg_explain_policy(const struct vg_policy *policy,
		       const struct vg_question *question,
		       struct vg_explained *e)
{
	const struct vg_query *query = &question->query;
	struct vg_answer answer;

	vg_policy_eval(policy, query, &answer);
	memset(e, 0, sizeof(*e));
	e->rules_say = answer.verdict;
	e->audit = answer.audit;
	e->mode = policy->mode;
	e->asked = true;
	e->left_to_native = answer.by_default;
	e->native = query->where == VG_WHERE_UNASSIGNED ? VG_NATIVE_UNKNOWN :
							  VG_NATIVE_OPEN;
	e->write_mask = answer.write_mask;
	e->read_value = answer.read_value;
	e->read_last = answer.read_last;
	e->unsaid = question->unsaid &
		    (policy_details(policy, query) | VG_UNSAID_REGION);
	policy_why(policy, query, &answer, &e->why);
	settle(e);
}

/* --- From the loaded maps -------------------------------------------------- */

static unsigned int loaded_details(const struct vg_loaded *loaded,
				   const struct vg_query *query)
{
	const struct vg_map_rule *values = loaded->rules.values;
	const struct vg_rule_key *keys = loaded->rules.keys;
	unsigned int details = 0;
	size_t i;

	for (i = 0; i < loaded->rules.nr; i++) {
		struct vg_scope scope = {
			.kind = keys[i].scope,
			.vendor = keys[i].scope == VG_SCOPE_VENDOR ?
					  keys[i].id :
					  keys[i].id >> 16,
			.device = keys[i].id,
		};

		if (keys[i].access != query->access ||
		    other_device(&scope, query) ||
		    (keys[i].place < VG_PLACE_ANY &&
		     keys[i].place != (query->offset & ~3U)))
			continue;
		details |= scope_detail(keys[i].scope);
		if (values[i].flags & VG_RULE_VALUE)
			details |= VG_UNSAID_VALUE;
	}
	return details;
}

static bool place_covers(__u32 place, __u8 bytes, const struct vg_query *query)
{
	__u32 wanted = ((1U << query->size) - 1) << query->offset % 4;
	__u32 cap = query->ext ? VG_PLACE_ECAP : VG_PLACE_CAP;

	switch (place) {
	case VG_PLACE_ANY:
		return true;
	case VG_PLACE_GUARDED:
		return vg_query_region(query) != VG_REGION_OTHER;
	case VG_PLACE_HEADER:
		return query->where == VG_WHERE_HEADER;
	case VG_PLACE_CAPS:
		return query->where == VG_WHERE_CAPS;
	case VG_PLACE_VENDOR:
		return query->where == VG_WHERE_VENDOR;
	case VG_PLACE_UNASSIGNED:
		return query->where == VG_WHERE_UNASSIGNED;
	default:
		if (place < VG_PLACE_ANY)
			return place == (query->offset & ~3U) && bytes & wanted;
		return place == cap + query->cap;
	}
}

/* The text of the entry that decided, found by where it is written. */
static void entry_text(const struct vg_loaded *loaded,
		       const struct vg_query *query, const struct vg_ask *ask,
		       char text[VG_RULE_TEXT])
{
	const struct vg_map_rule *values = loaded->rules.values;
	const struct vg_rule_key *keys = loaded->rules.keys;
	size_t i;

	for (i = 0; i < loaded->rules.nr; i++) {
		if (values[i].line != ask->line ||
		    values[i].file != ask->file || values[i].key != ask->key ||
		    keys[i].scope != ask->scope ||
		    keys[i].access != query->access ||
		    !place_covers(keys[i].place, values[i].bytes, query))
			continue;
		vg_map_rule_format(&keys[i], &values[i], &loaded->owners, text);
		return;
	}
}

static void list_text(const struct vg_store *store,
		      const struct vg_query *query, char text[VG_RULE_TEXT])
{
	char flags[64];
	__u32 value;
	enum vg_reason reason;

	reason = vg_allowlist_find(store, query->vendor, query->device, &value);
	vg_flags_format(value, flags, sizeof(flags));
	if (reason == VG_REASON_DEVICE)
		snprintf(text, VG_RULE_TEXT, "%04x:%04x %s", query->vendor,
			 query->device, flags);
	else
		snprintf(text, VG_RULE_TEXT, "%04x:* %s", query->vendor, flags);
}

static void loaded_why(const struct vg_store *store,
		       const struct vg_loaded *loaded,
		       const struct vg_query *query, const struct vg_ask *ask,
		       struct vg_why *why)
{
	struct vg_rule_source source;

	why->reason = ask->reason;
	switch (ask->reason) {
	case VG_REASON_RULE:
		entry_text(loaded, query, ask, why->text);
		vg_rule_source(store, ask->line, ask->file, ask->key, &source);
		memcpy(why->file, source.file, sizeof(why->file));
		memcpy(why->key, source.key, sizeof(why->key));
		why->line = source.line;
		break;
	case VG_REASON_DEVICE:
	case VG_REASON_VENDOR:
		list_text(store, query, why->text);
		break;
	default:
		vg_default_format(vg_query_region(query), query->access,
				  &loaded->config.defaults[vg_query_region(
					  query)][query->access],
				  why->text, sizeof(why->text));
	}
}

static __u32 region_bit(const struct vg_hook *hook,
			const struct vg_query *query)
{
	switch (query->where) {
	case VG_WHERE_HEADER:
		return hook->header;
	case VG_WHERE_VENDOR:
		return hook->vendor;
	case VG_WHERE_UNASSIGNED:
		return hook->unassigned;
	default:
		return query->offset < EXT_CONFIG ? hook->cap : hook->ext_cap;
	}
}

int vg_explain_loaded(const struct vg_store *store,
		      const struct vg_loaded *loaded,
		      const struct vg_hook *hook,
		      const struct vg_question *question,
		      struct vg_explained *e)
{
	const struct vg_query *query = &question->query;
	struct vg_ask ask;
	int ret;

	memset(e, 0, sizeof(*e));
	ret = vg_ask_run(store, query, &ask);
	if (ret)
		return ret;
	e->mode = loaded->config.mode;
	e->learning = loaded->config.learn;
	e->native = vg_native_says(query);
	e->asked = vg_store_attached(store) &&
		   loaded->config.regions & region_bit(hook, query);
	if (e->asked) {
		e->rules_say = ask.verdict == VG_ALLOW ? VG_ALLOW : VG_BLOCK;
		e->audit = ask.audit;
		e->left_to_native = ask.by_default;
		e->write_mask = query->access == VG_WRITE ? ask.write_mask : 0;
		e->read_value = ask.read_data;
		e->read_last = ask.read_last;
		e->unsaid = question->unsaid &
			    (loaded_details(loaded, query) | VG_UNSAID_REGION);
		loaded_why(store, loaded, query, &ask, &e->why);
	} else {
		e->left_to_native = true;
		e->write_mask = 0xffffffffU >> (32 - 8 * query->size);
	}
	settle(e);
	return 0;
}
