// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a learnt access needs a rule, and what speaks against one: the device
 * library, a window to a device's registers, or a rule of the same policy.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer/suggest.h"
#include "lint/lint.h"
#include "maps/ask.h"
#include "maps/rule_source.h"
#include "util/printable.h"

/* What decides an access, from a policy as written or from the loaded one. */
struct verdict {
	bool blocked;
	enum vg_scope_kind scope; /* of the rule that does, with .file */
	bool range; /* the rule is for a range of registers */
	char file[VG_FILE_LEN]; /* "": no rule, or none that is known */
	unsigned int line;
	char key[VG_KEY_LEN];
	const struct vg_rule *rule; /* of a policy as written, or NULL */
};

/* A copy of the text, the same for the same text. */
__attribute__((format(printf, 2, 3))) static const char *
keep(struct vg_suggest *suggest, const char *fmt, ...)
{
	char text[512], **more;
	va_list args;
	size_t i;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	for (i = 0; i < suggest->nr_strings; i++)
		if (!strcmp(suggest->strings[i], text))
			return suggest->strings[i];
	more = reallocarray(suggest->strings, suggest->nr_strings + 1,
			    sizeof(*more));
	if (!more)
		return NULL;
	suggest->strings = more;
	more[suggest->nr_strings] = strdup(text);
	if (!more[suggest->nr_strings])
		return NULL;
	return more[suggest->nr_strings++];
}

static void make_query(const struct vg_learnt *learnt,
		       const struct vg_pci_config *config,
		       struct vg_query *query)
{
	const struct vg_learn_key *key = &learnt->key;

	*query = (struct vg_query){
		.vendor = key->vendor,
		.device = key->device,
		.slot = key->slot,
		.owner = learnt->owner[0] ? learnt->owner : NULL,
		.offset = key->offset,
		.size = key->size,
		.access = key->access,
		.where = vg_learnt_where(learnt),
		.cap = learnt->value.cap,
		.ext = key->offset >= 0x100,
		.subvendor = config->function.subvendor,
		.subdevice = config->function.subdevice,
		.class = config->function.class,
	};
}

static void from_rule(const struct vg_rule *rule, struct verdict *verdict)
{
	verdict->rule = rule;
	verdict->scope = rule->scope.kind;
	verdict->range = rule->where.kind == VG_WHERE_RANGE;
	vg_shorten(rule->pos.file, verdict->file, sizeof(verdict->file));
	verdict->line = rule->pos.line;
	memcpy(verdict->key, rule->key, sizeof(verdict->key));
}

static void ask_policy(const struct vg_policy *policy,
		       const struct vg_query *query, struct verdict *verdict)
{
	struct vg_answer answer;

	memset(verdict, 0, sizeof(*verdict));
	vg_policy_eval(policy, query, &answer);
	verdict->blocked = answer.verdict == VG_BLOCK;
	if (answer.rule)
		from_rule(answer.rule, verdict);
}

static int ask_loaded(const struct vg_store *store,
		      const struct vg_query *query, struct verdict *verdict)
{
	struct vg_rule_source source;
	struct vg_ask ask;
	int ret;

	memset(verdict, 0, sizeof(*verdict));
	ret = vg_ask_run(store, query, &ask);
	if (ret)
		return ret;
	verdict->blocked = ask.verdict != VG_ALLOW;
	if (ask.reason != VG_REASON_RULE)
		return 0;
	vg_rule_source(store, ask.line, ask.file, ask.key, &source);
	verdict->scope = ask.scope;
	/* Not known; where it is not, the rule is as good as shown. */
	verdict->range = true;
	memcpy(verdict->file, source.file, sizeof(verdict->file));
	verdict->line = source.line;
	memcpy(verdict->key, source.key, sizeof(verdict->key));
	return 0;
}

static int ask_once(const struct vg_suggest *suggest,
		    const struct vg_query *query, struct verdict *verdict)
{
	if (suggest->loaded)
		return ask_loaded(suggest->loaded, query, verdict);
	ask_policy(suggest->base, query, verdict);
	return 0;
}

/* With each value that was written, until one is blocked. */
static int ask_values(const struct vg_suggest *suggest,
		      const struct vg_learnt *learnt, struct vg_query *query,
		      struct verdict *verdict)
{
	__u32 values[VG_LEARN_VALUES];
	unsigned int nr, i;
	bool more;
	int ret;

	nr = vg_learnt_values(learnt, values, &more);
	/* A value that was not kept may be one that no rule is for. */
	if (!nr || more) {
		ret = ask_once(suggest, query, verdict);
		if (ret || verdict->blocked)
			return ret;
	}
	for (i = 0; i < nr; i++) {
		query->has_value = true;
		query->value = values[i];
		ret = ask_once(suggest, query, verdict);
		if (ret || verdict->blocked)
			return ret;
	}
	return 0;
}

static bool key_is(const char *key, const char *class)
{
	size_t len = strlen(class);

	return !strncmp(key, class, len) && (!key[len] || key[len] == '-');
}

bool vg_key_dangerous(const char *key)
{
	return key_is(key, "hang") || key_is(key, "dangerous");
}

void vg_library_find(const char *policy, char path[PATH_MAX])
{
	const char *slash = strrchr(policy, '/');

	snprintf(path, PATH_MAX, "%.*s/devices",
		 slash ? (int)(slash - policy) : 1, slash ? policy : ".");
	if (!access(path, F_OK))
		return;
	snprintf(path, PATH_MAX, "%s",
		 access(VG_LIBRARY, F_OK) ? "" : VG_LIBRARY);
}

/*
 * A rule of the library that warns of this register, whatever the value: a rule
 * for the whole register would open the bad values too.
 */
static const struct vg_rule *find_warning(const struct vg_policy *library,
					  const struct vg_query *query)
{
	struct vg_policy one = { .nr_rules = 1 };
	struct vg_answer answer;
	struct vg_rule rule;
	size_t i;

	for (i = 0; i < library->nr_rules; i++) {
		if (library->rules[i].verdict != VG_BLOCK ||
		    !vg_key_dangerous(library->rules[i].key))
			continue;
		rule = library->rules[i];
		rule.has_value = false;
		one.rules = &rule;
		vg_policy_eval(&one, query, &answer);
		if (answer.rule)
			return &library->rules[i];
	}
	return NULL;
}

/* What windows and mirrors are asked with: the register, as a rule would name it. */
static void name_register(const struct vg_query *query, struct vg_rule *rule)
{
	*rule = (struct vg_rule){
		.verdict = VG_ALLOW,
		.access = 1U << query->access,
		.scope = { .kind = VG_SCOPE_DEVICE,
			   .vendor = query->vendor,
			   .device = query->device },
		.where = { .kind = query->where == VG_WHERE_VENDOR ?
					   VG_WHERE_VENDOR :
					   VG_WHERE_RANGE,
			   .first = query->offset,
			   .last = query->offset + query->size - 1 },
	};
}

/* Is the rule for these bytes and no others, and only for some of their bits? */
static bool narrows(const struct vg_rule *rule, const struct vg_query *query)
{
	return rule && rule->has_write_mask && query->access == VG_WRITE &&
	       rule->where.kind == VG_WHERE_RANGE &&
	       rule->where.first == query->offset &&
	       rule->where.last == query->offset + query->size - 1;
}

/* Does the library know the access, and what does it do with it? */
static void judge_by_library(struct vg_suggest *suggest,
			     const struct vg_learnt *learnt,
			     const struct vg_query *query,
			     struct vg_opinion *opinion)
{
	struct verdict known = {};
	const struct vg_rule *warning;
	struct vg_query again = *query;
	const char *window, *mirror;
	struct vg_rule named;

	if (suggest->library) {
		struct vg_suggest by_library = { .base = suggest->library };

		again.has_value = false;
		ask_values(&by_library, learnt, &again, &known);
	}
	warning =
		suggest->library ? find_warning(suggest->library, query) : NULL;
	name_register(query, &named);
	window = vg_rule_window(&named);
	mirror = vg_rule_mirror(&named);
	if (warning || window || mirror)
		opinion->advice = VG_ADVICE_CAREFUL;
	if (warning)
		opinion->why = keep(suggest, "%s (%s:%u)", warning->key,
				    warning->pos.file, warning->pos.line);
	else if (window)
		opinion->why = keep(suggest,
				    "opens a window to all internal registers: "
				    "%s",
				    window);
	else if (mirror)
		opinion->why = keep(suggest,
				    "opens command and base addresses by "
				    "another way: %s",
				    mirror);
	if (!known.file[0] || warning || mirror)
		return;
	if (key_is(known.key, "silent") && known.blocked) {
		opinion->advice = VG_ADVICE_SILENT;
		opinion->why = keep(suggest, "nothing misses it: %s (%s:%u)",
				    known.key, known.file, known.line);
	} else if (key_is(known.key, "needed")) {
		opinion->form = narrows(known.rule, query) ? known.rule : NULL;
		opinion->why =
			keep(suggest, "%s%sthe library has %s (%s:%u)",
			     window ? opinion->why : "", window ? "; " : "",
			     known.key, known.file, known.line);
	}
}

int vg_suggest_judge(struct vg_suggest *suggest, const struct vg_learnt *learnt,
		     const struct vg_pci_config *config,
		     struct vg_opinion *opinion)
{
	struct verdict verdict;
	struct vg_query query;
	int ret;

	memset(opinion, 0, sizeof(*opinion));
	make_query(learnt, config, &query);
	ret = ask_values(suggest, learnt, &query, &verdict);
	if (ret || !verdict.blocked)
		return ret;

	opinion->advice = VG_ADVICE_ALLOW;
	judge_by_library(suggest, learnt, &query, opinion);
	if (opinion->advice == VG_ADVICE_CAREFUL)
		return 0;
	if (vg_key_dangerous(verdict.key)) {
		opinion->advice = VG_ADVICE_CAREFUL;
		opinion->why = keep(suggest, "%s (%s:%u)", verdict.key,
				    verdict.file, verdict.line);
	} else if (key_is(verdict.key, "silent")) {
		/* It is dropped already, as it should be. */
		opinion->advice = VG_ADVICE_NONE;
	} else if (verdict.file[0] &&
		   (verdict.scope > VG_SCOPE_DEVICE ||
		    (verdict.scope == VG_SCOPE_DEVICE && verdict.range))) {
		opinion->advice = VG_ADVICE_CONFLICT;
		opinion->why =
			keep(suggest, "%s:%u blocks it; change that rule",
			     verdict.file, verdict.line);
	}
	return 0;
}
