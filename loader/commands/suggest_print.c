// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suggestions as text and as JSON.  The text is a policy; all that is known of a
 * rule stands above it in comments.  Nothing that a guest or a VMM chose, like a
 * name, may end a comment: each is escaped.
 */
#include <errno.h>
#include <string.h>

#include "answer/suggest.h"
#include "util/pci_ids.h"
#include "util/printable.h"
#include "util/slot.h"
#include "util/vm.h"

/* Registers and devices that are told one by one. */
#define DETAILS 16

/* All accesses of one width to one register that was written. */
struct detail {
	__u16 offset;
	__u8 size;
	__u64 count;
	__u32 values[VG_LEARN_VALUES];
	unsigned int nr_values;
	bool more;
};

static const char *plural(__u64 count)
{
	return count == 1 ? "" : "s";
}

/* --- The writes of a rule -------------------------------------------------- */

static void add_values(struct detail *d, const struct vg_learnt *learnt)
{
	__u32 values[VG_LEARN_VALUES];
	unsigned int nr, i, j;
	bool more;

	nr = vg_learnt_values(learnt, values, &more);
	d->more |= more;
	for (i = 0; i < nr; i++) {
		for (j = 0; j < d->nr_values; j++)
			if (d->values[j] == values[i])
				break;
		if (j < d->nr_values)
			continue;
		if (d->nr_values == VG_LEARN_VALUES)
			d->more = true;
		else
			d->values[d->nr_values++] = values[i];
	}
}

/*
 * The next register from entry *@at on, which is moved past it.  Those of other
 * owners and of other devices of the type stand beside one another.
 */
static bool next_detail(const struct vg_suggest *suggest,
			const struct vg_suggestion *s, size_t *at,
			struct detail *d)
{
	const struct vg_suggest_group *group = &suggest->groups[s->group];
	const struct vg_learnt *learnt;

	memset(d, 0, sizeof(*d));
	for (; *at < group->end; (*at)++) {
		learnt = &suggest->entries[*at];
		if (learnt->key.access != VG_WRITE ||
		    !vg_suggest_meets(s, learnt))
			continue;
		if (d->size && (learnt->key.offset != d->offset ||
				learnt->key.size != d->size))
			return true;
		d->offset = learnt->key.offset;
		d->size = learnt->key.size;
		d->count += learnt->value.count;
		add_values(d, learnt);
	}
	return d->size;
}

static void print_detail(const struct detail *d, FILE *out)
{
	unsigned int i;

	fprintf(out, "#\t0x%02x, %u byte%s: %llu time%s", d->offset, d->size,
		plural(d->size), d->count, plural(d->count));
	for (i = 0; i < d->nr_values; i++)
		fprintf(out, "%s0x%x", i ? " " : ", ", d->values[i]);
	fprintf(out, "%s\n", d->more ? " and other values" : "");
}

static void print_details(const struct vg_suggest *suggest,
			  const struct vg_suggestion *s, FILE *out)
{
	size_t at = suggest->groups[s->group].first, nr = 0;
	struct detail d;

	while (next_detail(suggest, s, &at, &d))
		if (nr++ < DETAILS)
			print_detail(&d, out);
	if (nr > DETAILS)
		fprintf(out, "#\tand %zu more registers\n", nr - DETAILS);
}

/* --- Who used a type of device --------------------------------------------- */

static void print_user(const struct vg_learnt *learnt, FILE *out)
{
	char vm[VG_VM_NAME_LEN], slot[VG_SLOT_LEN];

	vg_slot_format(learnt->key.slot, slot);
	fprintf(out, "# %s by ", slot);
	vg_put_printable(learnt->value.comm, out);
	vg_vm_from_cgroup(learnt->owner, vm, sizeof(vm));
	if (vm[0]) {
		fputs(", vm ", out);
		vg_put_printable(vm, out);
	}
	if (learnt->owner[0]) {
		fputs(", in ", out);
		vg_put_printable(learnt->owner, out);
	} else {
		fprintf(out, ", in cgroup %llu", learnt->key.cgroup);
	}
	fputc('\n', out);
}

/* Each device and owner once, at its first entry. */
static void print_users(const struct vg_suggest *suggest,
			const struct vg_suggest_group *group, FILE *out)
{
	size_t shown[DETAILS], nr = 0, i, j;

	for (i = group->first; i < group->end; i++) {
		const struct vg_learn_key *key = &suggest->entries[i].key;

		for (j = 0; j < nr; j++)
			if (suggest->entries[shown[j]].key.slot == key->slot &&
			    suggest->entries[shown[j]].key.cgroup ==
				    key->cgroup)
				break;
		if (j < nr)
			continue;
		if (nr == DETAILS) {
			fputs("# and others\n", out);
			return;
		}
		shown[nr++] = i;
		print_user(&suggest->entries[i], out);
	}
}

static void print_group(const struct vg_suggest *suggest,
			const struct vg_suggest_group *group, FILE *out)
{
	char name[128];

	fprintf(out, "\n# --- %04x:%04x ", group->vendor, group->device);
	if (vg_pci_device_name(group->vendor, group->device, name,
			       sizeof(name)))
		vg_put_printable(name, out);
	fputc('\n', out);
	print_users(suggest, group, out);
}

/* --- Rules ------------------------------------------------------------------ */

/* A comment instead of a rule: shown, and not in force when it is loaded. */
static bool left_out(const struct vg_suggestion *s)
{
	return s->advice == VG_ADVICE_CAREFUL ||
	       s->advice == VG_ADVICE_CONFLICT;
}

static void print_why(const struct vg_suggestion *s, FILE *out)
{
	switch (s->advice) {
	case VG_ADVICE_CAREFUL:
		fputs("# WARNING: ", out);
		vg_put_printable(s->why ? s->why : "dangerous", out);
		fputs("\n# Left out; to allow it all the same take out the "
		      "next #.\n",
		      out);
		break;
	case VG_ADVICE_CONFLICT:
		fputs("# Left out: ", out);
		vg_put_printable(s->why ? s->why : "a rule blocks it", out);
		fputc('\n', out);
		break;
	default:
		if (s->why) {
			fputs("# ", out);
			vg_put_printable(s->why, out);
			fputc('\n', out);
		}
	}
}

static void print_rule(const struct vg_suggestion *s, FILE *out)
{
	char rule[VG_RULE_TEXT];

	vg_rule_format(&s->rule, rule, sizeof(rule));
	fprintf(out, "%s%s\n", left_out(s) ? "#" : "", rule);
}

/* Another value of the same register. */
static bool is_next_value(const struct vg_suggestion *s,
			  const struct vg_suggestion *last)
{
	return s->group == last->group && s->rule.has_value &&
	       last->rule.has_value &&
	       s->rule.where.first == last->rule.where.first;
}

static void print_suggestion(const struct vg_suggest *suggest,
			     const struct vg_suggestion *s, FILE *out)
{
	fprintf(out, "\n# %s: ", s->place);
	if (s->counts[VG_READ])
		fprintf(out, "%llu read%s", s->counts[VG_READ],
			plural(s->counts[VG_READ]));
	if (s->counts[VG_READ] && s->counts[VG_WRITE])
		fputs(", ", out);
	if (s->counts[VG_WRITE])
		fprintf(out, "%llu write%s", s->counts[VG_WRITE],
			plural(s->counts[VG_WRITE]));
	fputc('\n', out);
	print_details(suggest, s, out);
	print_why(s, out);
	if (s->rule.has_value)
		fputs("# Only what was seen; without value= whatever is "
		      "written passes.\n",
		      out);
	print_rule(s, out);
}

static void print_head(const struct vg_suggest *suggest, const char *name,
		       FILE *out)
{
	char first[VG_TIME_LEN], last[VG_TIME_LEN];
	__u64 begin = ~0ULL, end = 0, accesses = 0;
	size_t nr = suggest->learned->nr, i;

	for (i = 0; i < nr; i++) {
		const struct vg_learned *l = &suggest->entries[i].value;

		accesses += l->count;
		if (l->first < begin)
			begin = l->first;
		if (l->last > end)
			end = l->last;
	}
	fputs("# Made by vfioguard suggest of what was learnt. Nothing of it "
	      "is in force:\n# read it, and take out what nobody needs.\n",
	      out);
	if (nr) {
		vg_boottime_format(begin, first);
		vg_boottime_format(end, last);
		fprintf(out,
			"# Learnt: %llu access%s of %zu kind%s, %s to %s\n",
			accesses, accesses == 1 ? "" : "es", nr, plural(nr),
			first, last);
	} else {
		fputs("# Nothing was learnt.\n", out);
	}
	if (suggest->learned->lost)
		fprintf(out,
			"# WARNING: %llu accesses found no room and are not "
			"in here\n",
			suggest->learned->lost);
	if (!suggest->library)
		fputs("# WARNING: without the device library nobody warns of "
		      "dangerous registers\n",
		      out);
	fputc('\n', out);
	if (name) {
		fputs("# These rules are missing in ", out);
		vg_put_printable(name, out);
		fprintf(out, "%s\n", suggest->nr ? ":" : "; there are none.");
	} else {
		vg_policy_format(&suggest->strict, out);
	}
}

void vg_suggest_print(const struct vg_suggest *suggest, const char *name,
		      FILE *out)
{
	size_t i;

	print_head(suggest, name, out);
	for (i = 0; i < suggest->nr; i++) {
		const struct vg_suggestion *s = &suggest->list[i];

		if (!i || s->group != suggest->list[i - 1].group)
			print_group(suggest, &suggest->groups[s->group], out);
		if (i && is_next_value(s, s - 1))
			print_rule(s, out);
		else
			print_suggestion(suggest, s, out);
	}
}

/* --- JSON -------------------------------------------------------------------- */

static void json_writes(const struct vg_suggest *suggest,
			const struct vg_suggestion *s, struct vg_json *json)
{
	size_t at = suggest->groups[s->group].first;
	struct detail d;
	unsigned int i;

	vg_json_array(json, "written");
	while (next_detail(suggest, s, &at, &d)) {
		vg_json_object(json, NULL);
		vg_json_u64(json, "offset", d.offset);
		vg_json_u64(json, "size", d.size);
		vg_json_u64(json, "count", d.count);
		vg_json_array(json, "values");
		for (i = 0; i < d.nr_values; i++)
			vg_json_u64(json, NULL, d.values[i]);
		vg_json_array_end(json);
		vg_json_bool(json, "more_values", d.more);
		vg_json_object_end(json);
	}
	vg_json_array_end(json);
}

static void json_suggestion(const struct vg_suggest *suggest,
			    const struct vg_suggestion *s, struct vg_json *json)
{
	static const char *const advice[] = {
		[VG_ADVICE_NONE] = "none",
		[VG_ADVICE_SILENT] = "silent",
		[VG_ADVICE_ALLOW] = "allow",
		[VG_ADVICE_CAREFUL] = "dangerous",
		[VG_ADVICE_CONFLICT] = "conflict",
	};
	const struct vg_suggest_group *group = &suggest->groups[s->group];
	char rule[VG_RULE_TEXT], name[128];

	vg_rule_format(&s->rule, rule, sizeof(rule));
	vg_json_object(json, NULL);
	vg_json_string(json, "rule", rule);
	vg_json_string(json, "advice", advice[s->advice]);
	vg_json_string(json, "why", s->why);
	vg_json_format(json, "vendor_id", "%04x", group->vendor);
	vg_json_format(json, "device_id", "%04x", group->device);
	vg_json_string(json, "name",
		       vg_pci_device_name(group->vendor, group->device, name,
					  sizeof(name)));
	vg_json_u64(json, "first", s->rule.where.first);
	vg_json_u64(json, "last", s->rule.where.last);
	vg_json_string(json, "place", s->place);
	vg_json_u64(json, "reads", s->counts[VG_READ]);
	vg_json_u64(json, "writes", s->counts[VG_WRITE]);
	json_writes(suggest, s, json);
	vg_json_object_end(json);
}

int vg_suggest_json(const struct vg_suggest *suggest, const char *name,
		    FILE *out)
{
	struct vg_json json;
	size_t i;

	vg_json_start(&json, out, true);
	vg_json_document(&json, NULL, VG_JSON_SUGGEST);
	vg_json_string(&json, "policy", name);
	vg_json_u64(&json, "learnt", suggest->learned->nr);
	vg_json_u64(&json, "lost", suggest->learned->lost);
	vg_json_bool(&json, "library", suggest->library);
	vg_json_array(&json, "rules");
	for (i = 0; i < suggest->nr; i++)
		json_suggestion(suggest, &suggest->list[i], &json);
	vg_json_array_end(&json);
	vg_json_object_end(&json);
	return vg_json_end(&json);
}
