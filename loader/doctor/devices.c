// SPDX-License-Identifier: GPL-2.0-only
/* What is given to vfio, what covers it, and what is known to do harm there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "answer/device_rules.h"
#include "answer/explain.h"
#include "answer/suggest.h"
#include "doctor/internal.h"
#include "kernel/pci_config.h"
#include "util/pci_ids.h"

static int ask(const struct vg_host *host, const struct vg_query *query,
	       struct vg_explained *explained)
{
	const struct vg_question question = { .query = *query };

	return vg_explain_loaded(&host->store, &host->maps, &host->regions,
				 &question, explained);
}

/* --- What covers it ------------------------------------------------------------ */

static const char *close_remedy(const struct vg_host *host,
				const struct vg_function *f,
				const struct vg_explained *e)
{
	if (e->verdict == VG_WOULD_BLOCK && host->config.learn)
		return "vfioguard learn stop";
	if (e->verdict != VG_WOULD_BLOCK && e->why.reason == VG_REASON_DEVICE)
		return vg_remedy("vfioguard deny %04x:%04x", f->vendor,
				 f->device);
	if (e->verdict != VG_WOULD_BLOCK && e->why.reason == VG_REASON_VENDOR)
		return vg_remedy("vfioguard deny '%04x:*'", f->vendor);
	return "vfioguard load /etc/vfioguard/default.policy";
}

static void judge_cover(struct vg_host *host, const struct vg_function *f,
			const char *name, const struct vg_explained *e)
{
	struct vg_device_rules rules;

	if (vg_device_rules_count(&host->maps, f, &rules)) {
		host->out->err = -ENOMEM;
		return;
	}
	if (e->verdict == VG_BLOCK && vg_store_attached(&host->store) &&
	    host->config.door != VG_DOOR_OBSERVE)
		vg_diagnose(host, "device", VG_HEALTH_OK, NULL,
			    "%s (%s): writes of unassigned space are blocked, "
			    "%zu rules are for it",
			    f->bdf, name, rules.rules + rules.owner_rules);
	else if (e->verdict == VG_BLOCK)
		vg_diagnose(host, "device", VG_HEALTH_FAULT,
			    "vfioguard load /etc/vfioguard/default.policy",
			    "%s (%s): the policy would block writes of "
			    "unassigned space, and is not in force",
			    f->bdf, name);
	else
		vg_diagnose(host, "device", VG_HEALTH_WARNING,
			    close_remedy(host, f, e),
			    "%s (%s): writes of unassigned space pass%s%s",
			    f->bdf, name, e->why.text[0] ? ", by: " : "",
			    e->why.text);
}

static void check_cover(struct vg_host *host, const struct vg_function *f,
			const char *name)
{
	struct vg_query query = vg_query_of_function(f);
	struct vg_explained explained;
	int ret;

	if (!host->loaded) {
		bool native = vg_native_says(&query) == VG_NATIVE_BLOCK;

		vg_diagnose(host, "device",
			    native ? VG_HEALTH_WARNING : VG_HEALTH_FAULT,
			    "vfioguard load /etc/vfioguard/default.policy",
			    "%s (%s): %s", f->bdf, name,
			    native ? "only the module's parameters cover it" :
				     "nothing covers it");
		return;
	}
	ret = ask(host, &query, &explained);
	if (ret)
		vg_diagnose(host, "device", VG_HEALTH_FAULT,
			    "vfioguard unload; vfioguard load "
			    "/etc/vfioguard/default.policy",
			    "%s (%s): the loaded policy can't be asked: %s",
			    f->bdf, name, strerror(-ret));
	else
		judge_cover(host, f, name, &explained);
}

/* --- What the library knows ------------------------------------------------------- */

/* The first access that the rule is for, of that device. */
static void query_rule(const struct vg_pci_config *config,
		       const struct vg_rule *rule, struct vg_query *query)
{
	const struct vg_where *w = &rule->where;
	struct vg_spot spot;

	*query = vg_query_of_function(&config->function);
	query->access = (rule->access & 1U << VG_WRITE) ? VG_WRITE : VG_READ;
	query->has_value = rule->has_value;
	query->value = rule->value;
	if (w->kind == VG_WHERE_RANGE) {
		query->offset = w->first;
		query->size = w->last - w->first >= 3 && !(w->first % 4) ? 4 :
			      w->last > w->first && !(w->first % 2)	 ? 2 :
									   1;
		query->where =
			w->first < 0x40 ? VG_WHERE_HEADER : VG_WHERE_UNASSIGNED;
		if (!config->present)
			return;
		vg_layout_find(&config->layout, w->first, &spot);
		query->where = spot.where;
		query->cap = spot.cap ? spot.cap->id : 0;
		query->ext = spot.cap && spot.cap->ext;
	} else if (w->kind >= VG_WHERE_HEADER && w->kind <= VG_WHERE_CAP) {
		query->where =
			w->kind == VG_WHERE_CAP ? VG_WHERE_CAPS : w->kind;
		query->cap = w->cap;
		query->ext = w->ext;
	}
}

static bool is_for(const struct vg_rule *rule, const struct vg_query *query)
{
	struct vg_rule copy = *rule;
	struct vg_policy one = { .rules = &copy, .nr_rules = 1 };
	struct vg_answer answer;

	vg_policy_eval(&one, query, &answer);
	return answer.rule;
}

/* The rule itself, where the loaded policy was read from, and that loaded again. */
static const char *add_remedy(const struct vg_host *host,
			      const struct vg_rule *rule)
{
	char text[VG_RULE_TEXT], line[VG_QUOTED_LEN];
	char file[VG_QUOTED_LEN], name[VG_QUOTED_LEN];
	char to[sizeof(host->config.name) + 32];
	struct stat st;

	snprintf(to, sizeof(to), "%s%s", host->config.name,
		 !stat(host->config.name, &st) && S_ISDIR(st.st_mode) ?
			 "/50-local.policy" :
			 "");
	return vg_remedy("echo %s >>%s && vfioguard load %s",
			 vg_quoted(vg_rule_show(rule, text), line),
			 vg_quoted(to, file),
			 vg_quoted(host->config.name, name));
}

static void check_known(struct vg_host *host, const struct vg_policy *library,
			const struct vg_function *f, const char *name)
{
	struct vg_pci_config config;
	struct vg_explained explained;
	struct vg_query query;
	size_t i, known = 0;

	vg_pci_config_read(f->slot, &config);
	config.function = *f;
	for (i = 0; i < library->nr_rules; i++) {
		const struct vg_rule *rule = &library->rules[i];

		if (rule->verdict != VG_BLOCK || !vg_key_dangerous(rule->key))
			continue;
		query_rule(&config, rule, &query);
		if (!is_for(rule, &query))
			continue;
		known++;
		if (!host->loaded || (!ask(host, &query, &explained) &&
				      explained.rules_say != VG_ALLOW))
			continue;
		vg_diagnose(host, "dangerous", VG_HEALTH_FAULT,
			    add_remedy(host, rule),
			    "%s (%s): %s at %s:%u, and the loaded policy lets "
			    "it pass",
			    f->bdf, name, rule->key, rule->pos.file,
			    rule->pos.line);
		return;
	}
	if (known && host->loaded)
		vg_diagnose(host, "dangerous", VG_HEALTH_OK, NULL,
			    "%s (%s): the library knows %zu accesses that do "
			    "harm, and the loaded policy blocks them",
			    f->bdf, name, known);
	else if (known)
		vg_diagnose(host, "dangerous", VG_HEALTH_FAULT,
			    "vfioguard load /etc/vfioguard/default.policy",
			    "%s (%s): the library knows %zu accesses that do "
			    "harm, and no policy is loaded",
			    f->bdf, name, known);
}

/* False if there is none, which is said. */
static bool read_library(struct vg_host *host, struct vg_policy *library)
{
	struct vg_findings findings = {};
	char path[PATH_MAX], quoted[VG_QUOTED_LEN];
	int err;

	vg_library_find(
		host->loaded ? host->config.name : host->settings.policy, path);
	if (!path[0]) {
		vg_diagnose(host, "library", VG_HEALTH_WARNING, "make install",
			    "there is no device library at " VG_LIBRARY);
		return false;
	}
	err = vg_policy_read(path, library, &findings);
	vg_findings_free(&findings);
	if (err)
		vg_diagnose(host, "library", VG_HEALTH_WARNING,
			    vg_remedy("vfioguard check %s",
				      vg_quoted(path, quoted)),
			    "the device library %s has mistakes", path);
	else
		vg_diagnose(host, "library", VG_HEALTH_OK, NULL,
			    "the device library %s has %zu rules", path,
			    library->nr_rules);
	return !err;
}

static void check_mute(struct vg_host *host, const struct vg_function *f,
		       const char *name)
{
	char state[VG_POWER_LEN];

	if (!vg_pci_mute(f))
		return;
	vg_function_power(f, state);
	if (!strcmp(state, "D3cold"))
		return;
	vg_diagnose(host, "answers", VG_HEALTH_WARNING,
		    vg_remedy("echo 1 >/sys/bus/pci/devices/%s/reset", f->bdf),
		    "%s (%s) does not answer: all of it reads as ones", f->bdf,
		    name);
}

void vg_check_devices(struct vg_host *host)
{
	struct vg_policy library = {};
	struct vg_function *list;
	bool has_library;
	int i, nr;

	nr = vg_functions_vfio(&list);
	if (nr < 0) {
		vg_diagnose(host, "device", VG_HEALTH_WARNING,
			    "mount -t sysfs sysfs /sys",
			    "the devices of this host can't be read: %s",
			    strerror(-nr));
		return;
	}
	has_library = read_library(host, &library);
	for (i = 0; i < nr; i++) {
		char name[96];
		size_t n = snprintf(name, sizeof(name), "%04x:%04x",
				    list[i].vendor, list[i].device);

		name[n] = ' ';
		if (!vg_pci_device_name(list[i].vendor, list[i].device,
					name + n + 1, sizeof(name) - n - 1))
			name[n] = '\0';
		check_mute(host, &list[i], name);
		check_cover(host, &list[i], name);
		if (has_library)
			check_known(host, &library, &list[i], name);
	}
	if (!nr)
		vg_diagnose(host, "device", VG_HEALTH_OK, NULL,
			    "no device is given to vfio");
	vg_policy_free(&library);
	vg_pci_ids_free();
	free(list);
}
