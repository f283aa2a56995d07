// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limits of the maps, found before anything is loaded.  The loader, which
 * knows the maps, keeps to the same ones.
 */
#include <stdio.h>
#include <string.h>

#include "lint/internal.h"
#include "lint/limits.h"

#define DWORDS (4096 / 4)

/* How many of the cgroups rules name a process in @path is in, itself too. */
static unsigned int owners_of(const struct vg_string_table *owners,
			      const char *path)
{
	size_t len = strlen(path), i;
	unsigned int nr = 0;

	nr += vg_string_find(owners, "/", 1) >= 0;
	for (i = 1; len > 1 && i <= len; i++)
		if (path[i] == '/' || path[i] == '\0')
			nr += vg_string_find(owners, path, i) >= 0;
	return nr;
}

bool vg_owner_refused(const struct vg_string_table *owners, const char *path,
		      char why[VG_LIMIT_LEN])
{
	const size_t room = sizeof(((struct vg_owner *)NULL)->path);
	unsigned int depth = 0;
	const char *at;

	for (at = path; *at; at++)
		depth += *at == '/';
	if (strlen(path) >= room)
		snprintf(why, VG_LIMIT_LEN,
			 "the owner's path has more than %zu bytes", room - 1);
	else if (depth >= VG_MAX_LEVELS)
		snprintf(why, VG_LIMIT_LEN,
			 "the owner lies more than %d cgroups deep",
			 VG_MAX_LEVELS - 1);
	else if (owners_of(owners, path) > VG_MAX_OWNERS)
		snprintf(why, VG_LIMIT_LEN,
			 "%u cgroups on the way to this owner have rules, and "
			 "at most %d can",
			 owners_of(owners, path), VG_MAX_OWNERS);
	else
		return false;
	return true;
}

static void lint_owners(struct vg_lint *lint)
{
	const struct vg_policy *policy = lint->policy;
	struct vg_string_table owners = {};
	char why[VG_LIMIT_LEN];
	const char *last = NULL;
	size_t i;

	for (i = 0; i < policy->nr_rules && !lint->no_memory; i++) {
		const struct vg_rule *rule = &policy->rules[i];

		/* Those of one guest stand together and share the string. */
		if (rule->scope.kind != VG_SCOPE_OWNER ||
		    rule->scope.owner == last)
			continue;
		last = rule->scope.owner;
		lint->no_memory |= vg_string_number(&owners, last) < 0;
	}
	last = NULL;
	for (i = 0; i < policy->nr_rules && owners.nr && !lint->no_memory;
	     i++) {
		const struct vg_rule *rule = &policy->rules[i];

		if (rule->scope.kind != VG_SCOPE_OWNER ||
		    rule->scope.owner == last)
			continue;
		last = rule->scope.owner;
		if (vg_owner_refused(&owners, last, why))
			vg_lint_add(lint, VG_LINT_LIMIT, rule,
				    rule->scope_column,
				    "write the rule for a cgroup further up, "
				    "or without owner=",
				    "this rule can't be loaded: %s", why);
	}
	vg_string_table_free(&owners);
}

/* Rules for one device: is there a dword with more than the map takes? */
static void lint_registers(struct vg_lint *lint,
			   const struct vg_sort_entry *entries, size_t nr)
{
	unsigned short count[VG_ACCESSES][DWORDS] = {};
	unsigned int access, dword;
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct vg_rule *rule =
			&lint->policy->rules[(__u32)entries[i].place];

		if (rule->where.kind != VG_WHERE_RANGE)
			continue;
		for (access = 0; access < VG_ACCESSES; access++) {
			if (!(rule->access & 1U << access))
				continue;
			for (dword = rule->where.first / 4;
			     dword <= rule->where.last / 4U; dword++)
				if (++count[access][dword] > VG_MAX_INDEX)
					goto found;
		}
		continue;
found:
		vg_lint_add(lint, VG_LINT_LIMIT, rule, rule->where_column,
			    "make one rule of several, with a mask behind the "
			    "value or a wider range",
			    "this rule can't be loaded: it is one of more than "
			    "%u rules for one register of one device",
			    VG_MAX_INDEX);
		return;
	}
}

/* Entries of map "rules" that a rule becomes. */
static size_t entries_of(const struct vg_rule *rule)
{
	const struct vg_where *where = &rule->where;
	size_t dwords = 1;

	if (where->kind == VG_WHERE_RANGE)
		dwords = where->last / 4 - where->first / 4 + 1;
	return dwords * __builtin_popcount(rule->access);
}

const struct vg_rule *vg_rule_too_many(const struct vg_policy *policy)
{
	size_t i, nr = 0;

	for (i = 0; i < policy->nr_rules; i++) {
		nr += entries_of(&policy->rules[i]);
		if (nr > VG_MAX_ENTRIES)
			return &policy->rules[i];
	}
	return NULL;
}

static void lint_entries(struct vg_lint *lint)
{
	const struct vg_rule *rule = vg_rule_too_many(lint->policy);

	if (rule)
		vg_lint_add(lint, VG_LINT_LIMIT, rule, rule->where_column,
			    "write rules for a vendor, a class or a region in "
			    "place of many for registers",
			    "this rule can't be loaded: " VG_TOO_MANY,
			    VG_MAX_ENTRIES);
}

void vg_lint_limits(struct vg_lint *lint, const struct vg_sort_entry *entries,
		    size_t nr)
{
	size_t start, end;

	lint_owners(lint);
	lint_entries(lint);
	for (start = 0; start < nr; start = end) {
		for (end = start + 1; end < nr; end++)
			if (vg_sort_device(&entries[end]) !=
			    vg_sort_device(&entries[start]))
				break;
		if (end - start > VG_MAX_INDEX)
			lint_registers(lint, entries + start, end - start);
	}
}
