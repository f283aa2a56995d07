// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules with value= of equal specificity that overlap.
 *
 * A rule holds for the values that agree with its value in the bits of its
 * mask. Two rules share a value when they agree in the bits both masks have.
 * Rules of one register and one mask are a class; two classes are compared by
 * sorting both by the common bits, so the work grows with the number of masks,
 * which is bounded, and not with the square of the number of rules.
 */
#include <stdlib.h>

#include "lint/internal.h"
#include "lint/sort.h"

/* A register of 32 bits needs no more; more are refused, not left unchecked. */
#define MASKS_MAX 32

/* Rules of one register and one mask, sorted by value. */
struct value_class {
	const struct vg_rule **rules;
	size_t nr;
	bool uniform; /* all do the same */
};

/*
 * A rule in the comparison of two classes: group is the bits of its value that
 * both compare, place its class (0 or 1) and its index there.
 */
#define COMMON_SIDE(entry) ((entry)->place >> 32)
#define COMMON_INDEX(entry) ((__u32)(entry)->place)

static const struct vg_rule *common_rule(const struct value_class *const *pair,
					 const struct vg_sort_entry *entry)
{
	return pair[COMMON_SIDE(entry)]->rules[COMMON_INDEX(entry)];
}

/*
 * Among rules that agree in the common bits, those of one class before those of
 * the other, find two of different classes that say different things.  Returns
 * true when there are such.
 */
static bool lint_run(struct vg_lint *lint,
		     const struct value_class *const *pair,
		     const struct vg_sort_entry *run, size_t nr)
{
	const struct vg_rule *ends[2] = { common_rule(pair, &run[0]),
					  common_rule(pair, &run[nr - 1]) };
	size_t i;

	if (COMMON_SIDE(&run[0]) == COMMON_SIDE(&run[nr - 1]))
		return false;
	for (i = 0; i < nr; i++) {
		const struct vg_rule *rule = common_rule(pair, &run[i]);
		const struct vg_rule *other = ends[!COMMON_SIDE(&run[i])];

		if (vg_rule_same_effect(rule, other, 1U << VG_WRITE))
			continue;
		vg_lint_pair(lint, rule, other, 1U << VG_WRITE);
		return true;
	}
	return false;
}

/* The rules of both classes, sorted by the common bits. */
static struct vg_sort_entry *common_list(const struct value_class *const *pair,
					 struct vg_sort_entry *list)
{
	const struct vg_rule *a = pair[0]->rules[0], *b = pair[1]->rules[0];
	unsigned int shift = 8 * (b->where.first - a->where.first);
	__u32 mask = a->value_mask >> shift & b->value_mask;
	size_t i, nr = 0;

	for (i = 0; i < pair[0]->nr; i++, nr++) {
		list[nr].group = pair[0]->rules[i]->value >> shift & mask;
		list[nr].place = i;
	}
	for (i = 0; i < pair[1]->nr; i++, nr++) {
		list[nr].group = pair[1]->rules[i]->value & mask;
		list[nr].place = 1ULL << 32 | i;
	}
	return vg_sort(list, list + nr, nr);
}

/* Two classes, @one of the same register as @two or of one that starts lower.
 */
static void lint_classes(struct vg_lint *lint, const struct value_class *one,
			 const struct value_class *two)
{
	const struct value_class *const pair[2] = { one, two };
	size_t i, end, nr = one->nr + two->nr;
	struct vg_sort_entry *list, *sorted;

	if (one->uniform && two->uniform &&
	    vg_rule_same_effect(one->rules[0], two->rules[0], 1U << VG_WRITE))
		return;
	list = calloc(nr, 2 * sizeof(*list));
	if (!list) {
		lint->no_memory = true;
		return;
	}
	sorted = common_list(pair, list);
	for (i = 0; i < nr; i = end) {
		for (end = i + 1; end < nr; end++)
			if (sorted[end].group != sorted[i].group)
				break;
		/* One pair is enough to be shown what is wrong. */
		if (lint_run(lint, pair, sorted + i, end - i))
			break;
	}
	free(list);
}

/* The same register, mask and value more than once. */
static void lint_class(struct vg_lint *lint, struct value_class *class)
{
	size_t i;

	class->uniform = true;
	for (i = 1; i < class->nr; i++) {
		const struct vg_rule *last = class->rules[i - 1];
		const struct vg_rule *rule = class->rules[i];

		if (!vg_rule_same_effect(last, rule, 1U << VG_WRITE))
			class->uniform = false;
		if (last->value == rule->value)
			vg_lint_pair(lint, last, rule, 1U << VG_WRITE);
	}
}

static bool classes_meet(const struct value_class *one,
			 const struct value_class *two)
{
	return one->rules[0]->where.last >= two->rules[0]->where.first;
}

/*
 * Compare a class with those behind it that overlap.  Returns false when there
 * are too many, after an error.
 */
static bool lint_behind(struct vg_lint *lint, const struct value_class *classes,
			size_t nr)
{
	const struct vg_rule *rule = classes[0].rules[0];
	size_t i;

	for (i = 1; i < nr && classes_meet(&classes[0], &classes[i]); i++) {
		if (i == MASKS_MAX) {
			if (!vg_finding_add(lint->findings, VG_ERROR,
					    &rule->pos,
					    "use fewer masks, or a narrower "
					    "register",
					    "rules for this register use more "
					    "than %d different masks",
					    MASKS_MAX))
				lint->no_memory = true;
			return false;
		}
		lint_classes(lint, &classes[0], &classes[i]);
	}
	return true;
}

/* Sort by first byte, mask and value. */
static bool sort_rules(const struct vg_rule **rules, size_t nr)
{
	const struct vg_rule **unsorted = calloc(nr, sizeof(*unsorted));
	struct vg_sort_entry *list = calloc(nr, 2 * sizeof(*list));
	bool done = unsorted && list;
	struct vg_sort_entry *sorted;
	size_t i;

	for (i = 0; i < nr && done; i++) {
		unsorted[i] = rules[i];
		list[i].group = (__u64)rules[i]->where.first << 32 |
				rules[i]->value_mask;
		list[i].place = (__u64)rules[i]->value << 32 | i;
	}
	if (done) {
		sorted = vg_sort(list, list + nr, nr);
		for (i = 0; i < nr; i++)
			rules[i] = unsorted[(__u32)sorted[i].place];
	}
	free(unsorted);
	free(list);
	return done;
}

void vg_lint_values(struct vg_lint *lint, const struct vg_rule **rules,
		    size_t nr)
{
	struct value_class *classes = calloc(nr, sizeof(*classes));
	size_t i, nr_classes = 0;

	if (!classes || !sort_rules(rules, nr)) {
		lint->no_memory = true;
		free(classes);
		return;
	}
	for (i = 0; i < nr; i++) {
		if (!i || rules[i]->where.first != rules[i - 1]->where.first ||
		    rules[i]->value_mask != rules[i - 1]->value_mask)
			classes[nr_classes++].rules = &rules[i];
		classes[nr_classes - 1].nr++;
	}
	for (i = 0; i < nr_classes; i++)
		lint_class(lint, &classes[i]);
	for (i = 0; i < nr_classes; i++)
		if (!lint_behind(lint, &classes[i], nr_classes - i))
			break;
	free(classes);
}
