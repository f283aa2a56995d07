// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "answer/suggest.h"
#include "answer/suggest_written.h"
#include "policy/caps.h"
#include "util/words.h"

#define CONFIG_BYTES 4096

/* What is to be said of each byte of a device in one direction. */
struct byte {
	enum vg_advice advice;
	const char *why;
	const struct vg_layout_cap *cap; /* it lies in */
	__u8 region; /* of the kernel, as it saw it */
	bool unassigned; /* the region is that */
	bool alone; /* of a register that has its own rules, see suggest_written.h */
};

/* One group at work. */
struct work {
	struct vg_suggest *suggest;
	struct vg_suggest_group *group;
	struct vg_pci_config config;
	struct byte bytes[VG_ACCESSES][CONFIG_BYTES];
	struct vg_written written[VG_WRITTEN_REGS];
};

#define COMPARE(a, b)                              \
	do {                                       \
		if ((a) != (b))                    \
			return (a) < (b) ? -1 : 1; \
	} while (0)

static int by_type(const void *a, const void *b)
{
	const struct vg_learn_key *x = &((const struct vg_learnt *)a)->key;
	const struct vg_learn_key *y = &((const struct vg_learnt *)b)->key;

	COMPARE(x->vendor, y->vendor);
	COMPARE(x->device, y->device);
	COMPARE(x->offset, y->offset);
	COMPARE(x->access, y->access);
	COMPARE(x->size, y->size);
	return vg_learnt_compare(a, b);
}

static bool same_type(const struct vg_learnt *a, const struct vg_learnt *b)
{
	return a->key.vendor == b->key.vendor && a->key.device == b->key.device;
}

/* The entries, sorted, and where each type of device has its part. */
static int make_groups(struct vg_suggest *s)
{
	size_t nr = s->learned->nr, i;

	s->entries = calloc(nr + 1, sizeof(*s->entries));
	s->groups = calloc(nr + 1, sizeof(*s->groups));
	if (!s->entries || !s->groups)
		return -ENOMEM;
	if (nr)
		memcpy(s->entries, s->learned->entries,
		       nr * sizeof(*s->entries));
	qsort(s->entries, nr, sizeof(*s->entries), by_type);
	for (i = 0; i < nr; i++) {
		if (!i || !same_type(&s->entries[i], &s->entries[i - 1])) {
			s->groups[s->nr_groups].vendor =
				s->entries[i].key.vendor;
			s->groups[s->nr_groups].device =
				s->entries[i].key.device;
			s->groups[s->nr_groups++].first = i;
		}
		s->groups[s->nr_groups - 1].end = i + 1;
	}
	return 0;
}

/* The first that is still there; all of a type are taken to be alike. */
static void read_config(struct work *w)
{
	struct vg_function mute = {};
	size_t i;

	for (i = w->group->first; i < w->group->end; i++) {
		const struct vg_learn_key *key = &w->suggest->entries[i].key;

		if (i > w->group->first &&
		    key->slot == w->suggest->entries[i - 1].key.slot)
			continue;
		vg_pci_config_read(key->slot, &w->config);
		if (w->config.mute)
			mute = w->config.function;
		if (w->config.present &&
		    w->config.function.vendor == key->vendor &&
		    w->config.function.device == key->device)
			return;
	}
	w->group->mute = mute;
	memset(&w->config, 0, sizeof(w->config));
}

/* Of two accesses to one byte the graver advice holds. */
static void mark_bytes(struct work *w, const struct vg_learnt *learnt,
		       const struct vg_opinion *opinion)
{
	struct byte *bytes = w->bytes[learnt->key.access & 1];
	unsigned int i;

	for (i = 0; i < learnt->key.size; i++) {
		__u16 at = (learnt->key.offset + i) % CONFIG_BYTES;

		if (opinion->advice < bytes[at].advice ||
		    (opinion->advice == bytes[at].advice && bytes[at].why))
			continue;
		bytes[at].advice = opinion->advice;
		bytes[at].why = opinion->why;
		bytes[at].cap = vg_pci_cap_at(&w->config, at);
		bytes[at].region = learnt->value.region;
		bytes[at].unassigned =
			vg_learnt_where(learnt) == VG_WHERE_UNASSIGNED;
	}
}

/* Which registers get rules of their own: all of each is to be allowed. */
static void find_alone(struct work *w)
{
	struct byte *bytes = w->bytes[VG_WRITE];
	unsigned int at, i;

	vg_written_end(w->written);
	for (at = 0; at < CONFIG_BYTES; at++) {
		bool alone = w->written[at].narrow;

		for (i = 0; alone && i < w->written[at].size; i++)
			alone = bytes[at + i].advice == VG_ADVICE_ALLOW;
		for (i = 0; alone && i < w->written[at].size; i++)
			bytes[at + i].alone = true;
	}
}

static bool same_run(const struct byte *a, const struct byte *b)
{
	return !a->alone && !b->alone && a->advice == b->advice &&
	       a->why == b->why && a->cap == b->cap && a->region == b->region;
}

static struct vg_suggestion *new_suggestion(struct vg_suggest *s)
{
	if (s->nr == s->room) {
		size_t room = s->room ? s->room * 2 : 64;
		struct vg_suggestion *more;

		more = reallocarray(s->list, room, sizeof(*more));
		if (!more)
			return NULL;
		s->list = more;
		s->room = room;
	}
	memset(&s->list[s->nr], 0, sizeof(s->list[s->nr]));
	return &s->list[s->nr++];
}

/*
 * Bytes of a capability count as unassigned where vfio takes it out of the list
 * that a guest sees, or shows it shorter than it is.
 */
static void describe_place(const struct work *w, const struct byte *byte,
			   __u16 offset, char *buf, size_t len)
{
	const struct vg_cap *known =
		byte->cap ? vg_cap_by_id(byte->cap->id, byte->cap->ext) : NULL;
	bool shown = known && !known->hidden;
	char what[80];

	vg_pci_place_format(&w->config, offset, what, sizeof(what));
	if (byte->cap && byte->unassigned)
		snprintf(buf, len, "%s%s",
			 shown ? "beyond what vfio shows of " :
				 "hidden capability ",
			 what);
	else
		snprintf(buf, len, "%s",
			 what[0] ? what : vg_region_word(byte->region));
}

static struct vg_suggestion *add_run(struct work *w, enum vg_access access,
				     __u16 first, __u16 last)
{
	const struct byte *byte = &w->bytes[access][first];
	struct vg_suggestion *new = new_suggestion(w->suggest);

	if (!new)
		return NULL;
	new->advice = byte->advice;
	new->why = byte->why;
	new->group = w->group - w->suggest->groups;
	describe_place(w, byte, first, new->place, sizeof(new->place));
	new->rule = (struct vg_rule){
		.verdict =
			byte->advice == VG_ADVICE_SILENT ? VG_BLOCK : VG_ALLOW,
		.access = 1U << access,
		.scope = { .kind = VG_SCOPE_DEVICE,
			   .vendor = w->group->vendor,
			   .device = w->group->device },
		.where = { .kind = VG_WHERE_RANGE,
			   .first = first,
			   .last = last },
	};
	return new;
}

/* The rules for what was written to one register. */
static int add_written(struct work *w, __u16 first)
{
	const struct vg_written *reg = &w->written[first];
	struct vg_suggestion *new;
	unsigned int i;

	for (i = 0; i < vg_written_rules(reg); i++) {
		new = add_run(w, VG_WRITE, first, first + reg->size - 1);
		if (!new)
			return -ENOMEM;
		vg_written_rule(reg, i, &new->rule);
	}
	return 0;
}

static int add_runs(struct work *w, enum vg_access access)
{
	const struct byte *bytes = w->bytes[access];
	unsigned int first, last;

	for (first = 0; first < CONFIG_BYTES; first = last + 1) {
		last = first;
		if (bytes[first].advice == VG_ADVICE_NONE)
			continue;
		if (bytes[first].alone) {
			last += w->written[first].size - 1;
			if (add_written(w, first))
				return -ENOMEM;
			continue;
		}
		while (last + 1 < CONFIG_BYTES &&
		       same_run(&bytes[first], &bytes[last + 1]))
			last++;
		if (!add_run(w, access, first, last))
			return -ENOMEM;
	}
	return 0;
}

static int by_register(const void *a, const void *b)
{
	const struct vg_rule *x = &((const struct vg_suggestion *)a)->rule;
	const struct vg_rule *y = &((const struct vg_suggestion *)b)->rule;

	COMPARE(x->where.first, y->where.first);
	COMPARE(x->where.last, y->where.last);
	COMPARE(x->access, y->access);
	COMPARE(x->value, y->value);
	return 0;
}

static bool joins(const struct vg_suggestion *a, const struct vg_suggestion *b)
{
	return !a->rule.has_value && !b->rule.has_value &&
	       !a->rule.has_write_mask && !b->rule.has_write_mask &&
	       a->rule.where.first == b->rule.where.first &&
	       a->rule.where.last == b->rule.where.last &&
	       a->advice == b->advice && a->why == b->why;
}

/* "r" and "w" of the same registers become "rw". */
static void join_directions(struct vg_suggest *s, size_t start)
{
	size_t i, n = start;

	if (s->nr == start)
		return;
	qsort(s->list + start, s->nr - start, sizeof(*s->list), by_register);
	for (i = start; i < s->nr; i++) {
		if (n > start && joins(&s->list[n - 1], &s->list[i]))
			s->list[n - 1].rule.access |= s->list[i].rule.access;
		else
			s->list[n++] = s->list[i];
	}
	s->nr = n;
}

bool vg_suggest_meets(const struct vg_suggestion *suggestion,
		      const struct vg_learnt *learnt)
{
	const struct vg_rule *rule = &suggestion->rule;

	return rule->access & 1U << learnt->key.access &&
	       learnt->key.offset <= rule->where.last &&
	       learnt->key.offset + learnt->key.size > rule->where.first;
}

static void count(struct vg_suggest *s, const struct vg_suggest_group *group,
		  struct vg_suggestion *suggestion)
{
	size_t i;

	for (i = group->first; i < group->end; i++)
		if (vg_suggest_meets(suggestion, &s->entries[i]))
			suggestion->counts[s->entries[i].key.access & 1] +=
				s->entries[i].value.count;
}

static int work_group(struct work *w)
{
	struct vg_suggest *s = w->suggest;
	size_t start = s->nr, i;
	int ret;

	read_config(w);
	memset(w->bytes, 0, sizeof(w->bytes));
	memset(w->written, 0, sizeof(w->written));
	for (i = w->group->first; i < w->group->end; i++) {
		struct vg_opinion opinion;

		ret = vg_suggest_judge(s, &s->entries[i], &w->config, &opinion);
		if (ret)
			return ret;
		mark_bytes(w, &s->entries[i], &opinion);
		vg_written_note(w->written, &s->entries[i], &opinion);
	}
	find_alone(w);
	ret = add_runs(w, VG_READ);
	if (!ret)
		ret = add_runs(w, VG_WRITE);
	if (ret)
		return ret;
	join_directions(s, start);
	for (i = start; i < s->nr; i++)
		count(s, w->group, &s->list[i]);
	return 0;
}

/* What a suggestion of a whole policy starts from. */
static void init_strict(struct vg_policy *policy)
{
	int region, access;

	vg_policy_init(policy);
	for (region = 0; region < VG_REGIONS; region++) {
		for (access = 0; access < VG_ACCESSES; access++) {
			struct vg_default *d =
				&policy->defaults[region][access];

			d->verdict =
				region == VG_REGION_OTHER ? VG_ALLOW : VG_BLOCK;
			d->audit = d->verdict == VG_BLOCK;
		}
	}
}

int vg_suggest_make(struct vg_suggest *suggest)
{
	struct work *work;
	size_t i;
	int ret;

	init_strict(&suggest->strict);
	if (!suggest->base && !suggest->loaded)
		suggest->base = &suggest->strict;
	ret = make_groups(suggest);
	if (ret)
		return ret;
	work = calloc(1, sizeof(*work));
	if (!work)
		return -ENOMEM;
	work->suggest = suggest;
	for (i = 0; i < suggest->nr_groups && !ret; i++) {
		work->group = &suggest->groups[i];
		ret = work_group(work);
	}
	free(work);
	return ret;
}

void vg_suggest_free(struct vg_suggest *suggest)
{
	while (suggest->nr_strings)
		free(suggest->strings[--suggest->nr_strings]);
	free(suggest->strings);
	free(suggest->entries);
	free(suggest->groups);
	free(suggest->list);
	vg_policy_free(&suggest->strict);
}
