// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of map "rules" and of what it needs: "scopes", "owners", "keys" and
 * "files".
 *
 * A rule becomes one entry for each direction and dword it is about.  Entries
 * of one dword and device are numbered by rank (vg_rule_rank()), so the first
 * that matches decides, as the evaluator has it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile/compile.h"
#include "lint/limits.h"
#include "lint/sort.h"
#include "util/log.h"
#include "util/printable.h"
#include "util/string_table.h"

#define NO_ROOM 16 /* entries a rule starts with */

struct entry {
	struct vg_rule_key key;
	struct vg_map_rule value;
	__u64 rank;
	const struct vg_rule *rule;
};

struct compiler {
	struct entry *entries; /* in the order of the rules */
	size_t nr;
	size_t room;
	struct vg_sort_entry *sorted; /* index of an entry in .place */
	struct vg_string_table owners;
	struct vg_string_table keys;
	struct vg_string_table files;
	bool no_memory;
	bool refused;
};

__attribute__((format(printf, 3, 4))) static void
refuse(struct compiler *c, const struct vg_rule *rule, const char *fmt, ...)
{
	char why[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	vg_error("%s:%u:%u: this rule can't be loaded: %s", rule->pos.file,
		 rule->pos.line, rule->pos.column, why);
	c->refused = true;
}

static struct entry *new_entry(struct compiler *c)
{
	if (c->nr == c->room) {
		size_t room = c->room ? c->room * 2 : NO_ROOM;
		struct entry *entries;

		entries = realloc(c->entries, room * sizeof(*entries));
		if (!entries) {
			c->no_memory = true;
			return NULL;
		}
		c->entries = entries;
		c->room = room;
	}
	return memset(&c->entries[c->nr++], 0, sizeof(*c->entries));
}

/* The program follows paths to some depth only. */
static void check_owner(struct compiler *c, const struct vg_rule *rule)
{
	char why[VG_LIMIT_LEN];

	if (vg_owner_refused(&c->owners, rule->scope.owner, why))
		refuse(c, rule, "%s", why);
}

/* Every owner, key and file gets its number before any entry needs it. */
static void number_strings(struct compiler *c, const struct vg_policy *policy,
			   const bool *taken)
{
	const char *last_file = NULL;
	size_t i;

	/* Number 0 of the keys is none. */
	c->no_memory |= vg_string_number(&c->keys, "") < 0;
	for (i = 0; i < policy->nr_rules; i++) {
		const struct vg_rule *rule = &policy->rules[i];

		if (taken[i])
			continue;
		if (rule->scope.kind == VG_SCOPE_OWNER)
			c->no_memory |= vg_string_number(&c->owners,
							 rule->scope.owner) < 0;
		if (rule->pos.file != last_file)
			c->no_memory |=
				vg_string_number(&c->files, rule->pos.file) < 0;
		if (vg_string_number(&c->keys, rule->key) > 0xffff)
			refuse(c, rule, "there are more than 65535 keys");
		last_file = rule->pos.file;
	}
	if (c->files.nr > 0x10000)
		c->no_memory = true;
}

static __u64 scope_id(const struct compiler *c, const struct vg_scope *scope)
{
	switch (scope->kind) {
	case VG_SCOPE_CLASS:
		return VG_CLASS_ID(__builtin_popcount(scope->class_mask) / 8,
				   scope->class);
	case VG_SCOPE_VENDOR:
		return scope->vendor;
	case VG_SCOPE_DEVICE:
	case VG_SCOPE_SUBSYS:
		return (__u32)scope->vendor << 16 | scope->device;
	case VG_SCOPE_OWNER:
		return vg_string_find(&c->owners, scope->owner,
				      strlen(scope->owner)) +
		       1;
	case VG_SCOPE_SLOT:
		return scope->slot;
	default:
		return 0;
	}
}

/* Where a rule is for no register. */
static __u32 place(const struct vg_where *where)
{
	switch (where->kind) {
	case VG_WHERE_GUARDED:
		return VG_PLACE_GUARDED;
	case VG_WHERE_HEADER:
		return VG_PLACE_HEADER;
	case VG_WHERE_CAPS:
		return VG_PLACE_CAPS;
	case VG_WHERE_VENDOR:
		return VG_PLACE_VENDOR;
	case VG_WHERE_UNASSIGNED:
		return VG_PLACE_UNASSIGNED;
	case VG_WHERE_CAP:
		return (where->ext ? VG_PLACE_ECAP : VG_PLACE_CAP) + where->cap;
	default:
		return VG_PLACE_ANY;
	}
}

static void add_entry(struct compiler *c, const struct vg_rule *rule,
		      enum vg_access access, __u32 where, __u32 bytes)
{
	struct entry *e = new_entry(c);

	if (!e)
		return;
	e->rule = rule;
	e->rank = vg_rule_rank(rule);
	e->key.scope = rule->scope.kind;
	e->key.access = access;
	e->key.place = where;
	e->key.id = scope_id(c, &rule->scope);
	e->value.verdict = rule->verdict;
	e->value.flags = rule->audit ? VG_RULE_AUDIT : 0;
	e->value.bytes = bytes;
	e->value.line = rule->pos.line;
	e->value.file = vg_string_find(&c->files, rule->pos.file,
				       strlen(rule->pos.file));
	e->value.key = vg_string_find(&c->keys, rule->key, strlen(rule->key));
	if (access == VG_READ)
		e->value.read = rule->read;
}

/* @number of the register that starts at @first, as the dword at @dword has it */
static __u32 in_dword(__u32 number, __u32 first, __u32 dword)
{
	__u64 wide = (__u64)number << 8 * (first % 4);

	return wide >> 8 * (dword - (first & ~3u));
}

static void add_register(struct compiler *c, const struct vg_rule *rule,
			 enum vg_access access)
{
	__u32 first = rule->where.first, last = rule->where.last, dword;

	for (dword = first & ~3u; dword <= last; dword += 4) {
		__u32 bytes = 0xf;
		struct vg_map_rule *value;

		if (dword < first)
			bytes &= 0xf << (first - dword);
		if (dword + 3 > last)
			bytes &= 0xf >> (dword + 3 - last);
		add_entry(c, rule, access, dword, bytes);
		if (c->no_memory)
			return;
		value = &c->entries[c->nr - 1].value;
		if (access == VG_READ) {
			if (rule->read == VG_READ_CONST)
				value->read_value = in_dword(rule->read_value,
							     first, dword);
			continue;
		}
		if (rule->has_value) {
			value->flags |= VG_RULE_VALUE;
			value->value = in_dword(rule->value, first, dword);
			value->value_mask =
				in_dword(rule->value_mask, first, dword);
			if (__builtin_popcount(value->value_mask) !=
			    __builtin_popcount(rule->value_mask))
				value->flags |= VG_RULE_PART;
		}
		if (rule->has_write_mask) {
			value->flags |= VG_RULE_WMASK;
			value->write_mask =
				in_dword(rule->write_mask, first, dword);
		}
	}
}

static void add_rule(struct compiler *c, const struct vg_rule *rule)
{
	int access;

	if (rule->scope.kind == VG_SCOPE_OWNER)
		check_owner(c, rule);
	for (access = 0; access < VG_ACCESSES; access++) {
		if (!(rule->access & 1u << access))
			continue;
		if (rule->where.kind == VG_WHERE_RANGE)
			add_register(c, rule, access);
		else
			add_entry(c, rule, access, place(&rule->where), 0xf);
	}
}

#define COMPARE(a, b)                              \
	do {                                       \
		if ((a) != (b))                    \
			return (a) < (b) ? -1 : 1; \
	} while (0)

static struct entry *sorted_entry(const struct compiler *c, size_t i)
{
	return &c->entries[(__u32)c->sorted[i].place];
}

/* Of one device, place and direction: by rank, and then as ties are broken. */
static int by_rank(const void *a, const void *b, void *compiler)
{
	const struct compiler *c = compiler;
	const struct entry *x, *y;

	x = &c->entries[(__u32)((const struct vg_sort_entry *)a)->place];
	y = &c->entries[(__u32)((const struct vg_sort_entry *)b)->place];
	COMPARE(y->rank, x->rank);
	COMPARE(y->value.verdict, x->value.verdict);
	COMPARE(y->value.flags & VG_RULE_AUDIT, x->value.flags & VG_RULE_AUDIT);
	COMPARE(x->rule, y->rule);
	return 0;
}

/* All of a key but the index, entries of one device beside each other. */
static __u64 key_group(const struct vg_rule_key *key)
{
	/* 3 bits, 32, 1 and 18. */
	return (__u64)key->scope << 51 | key->id << 19 |
	       (__u64)key->access << 18 | key->place;
}

static bool sort_entries(struct compiler *c)
{
	struct vg_sort_entry *list = calloc(c->nr + 1, sizeof(*list));
	struct vg_sort_entry *spare = calloc(c->nr + 1, sizeof(*spare));
	size_t i;

	if (list && spare) {
		for (i = 0; i < c->nr; i++) {
			list[i].group = key_group(&c->entries[i].key);
			list[i].place = i;
		}
		c->sorted = vg_sort(list, spare, c->nr);
	}
	if (c->sorted != list)
		free(list);
	if (c->sorted != spare)
		free(spare);
	return c->sorted;
}

static void number_entries(struct compiler *c)
{
	size_t start, end, i;

	for (start = 0; start < c->nr; start = end) {
		for (end = start + 1; end < c->nr; end++)
			if (c->sorted[end].group != c->sorted[start].group)
				break;
		if (end == start + 1)
			continue;
		qsort_r(&c->sorted[start], end - start, sizeof(*c->sorted),
			by_rank, c);
		for (i = start + 1; i < end; i++)
			sorted_entry(c, i)->key.index = i - start;
		if (end - start > VG_MAX_INDEX)
			refuse(c, sorted_entry(c, start + VG_MAX_INDEX)->rule,
			       "it is one of more than %u rules for one "
			       "register of one device",
			       VG_MAX_INDEX);
	}
}

static __u64 place_bit(__u32 place)
{
	if (place < 4096)
		return 1ULL << (place / VG_BLOCK_BYTES);
	switch (place) {
	case VG_PLACE_ANY:
		return VG_HAS_REGIONS | VG_HAS_OTHER;
	case VG_PLACE_HEADER:
	case VG_PLACE_CAPS:
		return VG_HAS_OTHER;
	case VG_PLACE_GUARDED:
	case VG_PLACE_VENDOR:
	case VG_PLACE_UNASSIGNED:
		return VG_HAS_REGIONS;
	default:
		return VG_HAS_CAPS;
	}
}

static bool alloc_entries(struct vg_entries *entries, size_t nr, size_t key,
			  size_t value)
{
	entries->keys = calloc(nr ? nr : 1, key);
	entries->values = calloc(nr ? nr : 1, value);
	return entries->keys && entries->values;
}

static bool fill_rules(const struct compiler *c, struct vg_compiled *out)
{
	struct vg_scope_key *scope_keys;
	struct vg_rule_key *keys;
	struct vg_map_rule *values;
	__u64 *places;
	size_t i, nr = 0;

	if (!alloc_entries(&out->rules, c->nr, sizeof(*keys),
			   sizeof(*values)) ||
	    !alloc_entries(&out->scopes, c->nr, sizeof(*scope_keys),
			   sizeof(*places)))
		return false;
	keys = out->rules.keys;
	values = out->rules.values;
	scope_keys = out->scopes.keys;
	places = out->scopes.values;

	for (i = 0; i < c->nr; i++) {
		const struct entry *e = sorted_entry(c, i);

		keys[i] = e->key;
		values[i] = e->value;
		if (!nr || scope_keys[nr - 1].kind != e->key.scope ||
		    scope_keys[nr - 1].id != e->key.id) {
			scope_keys[nr].kind = e->key.scope;
			scope_keys[nr].id = e->key.id;
			nr++;
		}
		places[nr - 1] |= place_bit(e->key.place);
		out->scope_kinds |= 1u << e->key.scope;
	}
	out->rules.nr = c->nr;
	out->scopes.nr = nr;
	return true;
}

/* Entries number -> string, each of @len bytes with zeros behind it. */
static bool fill_strings(const struct vg_string_table *table,
			 struct vg_entries *out, size_t len)
{
	size_t i;

	if (!alloc_entries(out, table->nr, sizeof(__u32), len))
		return false;
	for (i = 0; i < table->nr; i++) {
		((__u32 *)out->keys)[i] = i;
		vg_shorten(table->strings[i], (char *)out->values + i * len,
			   len);
	}
	out->nr = table->nr;
	return true;
}

/* Entries string -> number from 1. */
static bool fill_owners(const struct vg_string_table *table,
			struct vg_entries *out)
{
	size_t i;

	if (!alloc_entries(out, table->nr, sizeof(struct vg_owner),
			   sizeof(__u32)))
		return false;
	for (i = 0; i < table->nr; i++) {
		struct vg_owner *owner = (struct vg_owner *)out->keys + i;

		strncpy(owner->path, table->strings[i],
			sizeof(owner->path) - 1);
		((__u32 *)out->values)[i] = i + 1;
	}
	out->nr = table->nr;
	return true;
}

enum vg_exit vg_compile_rules(const struct vg_policy *policy, const bool *taken,
			      struct vg_compiled *out)
{
	struct compiler c = {};
	size_t i;

	number_strings(&c, policy, taken);
	for (i = 0; i < policy->nr_rules && !c.no_memory; i++)
		if (!taken[i])
			add_rule(&c, &policy->rules[i]);
	if (!c.no_memory)
		c.no_memory = !sort_entries(&c);
	if (!c.no_memory) {
		number_entries(&c);
		c.no_memory =
			!fill_rules(&c, out) ||
			!fill_owners(&c.owners, &out->owners) ||
			!fill_strings(&c.keys, &out->key_names, VG_KEY_LEN) ||
			!fill_strings(&c.files, &out->files, VG_FILE_LEN);
	}
	vg_string_table_free(&c.owners);
	vg_string_table_free(&c.keys);
	vg_string_table_free(&c.files);
	free(c.sorted);
	free(c.entries);
	if (c.no_memory) {
		vg_error("no memory for %zu rules", policy->nr_rules);
		return VG_EXIT_FAILURE;
	}
	return c.refused ? VG_EXIT_POLICY : VG_EXIT_OK;
}
