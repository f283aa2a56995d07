// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfioguard devices: what is given to vfio or was, and what its holder may do
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/device_rules.h"
#include "answer/explain.h"
#include "commands/commands.h"
#include "kernel/pci_config.h"
#include "maps/devices.h"
#include "util/log.h"
#include "util/pci_ids.h"
#include "util/slot.h"
#include "util/words.h"

/* The places that a policy may treat differently. */
static const struct {
	const char *name;
	enum vg_where_kind where;
} places[] = {
	{ "unassigned", VG_WHERE_UNASSIGNED },
	{ "vendor", VG_WHERE_VENDOR },
	{ "header", VG_WHERE_HEADER },
	{ "capabilities", VG_WHERE_CAPS },
};

#define PLACES (sizeof(places) / sizeof(places[0]))

/* The policy, and what is asked of it. */
struct lister {
	struct vg_store store;
	struct vg_loaded loaded;
	struct vg_hook hook;
	struct vg_json *json; /* NULL: for people */
	bool mute; /* a device does not answer */
};

/* One device. */
struct row {
	struct vg_function function;
	bool seen; /* it was accessed under the policy */
	bool mute; /* it does not answer */
	struct vg_totals totals;
	struct vg_device_rules rules;
	struct vg_explained effective[PLACES][VG_ACCESSES];
};

static bool find_counters(const struct vg_store *store, __u64 slot,
			  struct vg_totals *totals)
{
	struct vg_device dev;
	__u32 index = 0;

	while (vg_devices_next(store, &index, &dev)) {
		if (dev.slot != slot)
			continue;
		vg_totals_add(totals, &dev);
		return true;
	}
	return false;
}

static int find_effective(const struct lister *l, struct row *row)
{
	const struct vg_function *f = &row->function;
	struct vg_question question = {
		.query = vg_query_of_function(f),
	};
	size_t place;
	int access, ret = 0;

	for (place = 0; place < PLACES; place++) {
		for (access = 0; access < VG_ACCESSES && !ret; access++) {
			question.query.where = places[place].where;
			question.query.access = access;
			ret = vg_explain_loaded(&l->store, &l->loaded, &l->hook,
						&question,
						&row->effective[place][access]);
		}
	}
	return ret;
}

/* "rw", "r-", or "rw!" where the mode alone lets the write through. */
static void flags_text(const struct vg_explained of[VG_ACCESSES], char buf[8])
{
	static const char letters[] = { 'r', 'w' };
	size_t n = 0;
	int access;

	for (access = 0; access < VG_ACCESSES; access++) {
		enum vg_verdict verdict = of[access].verdict;

		buf[n++] = verdict == VG_BLOCK ? '-' : letters[access];
		if (verdict == VG_WOULD_BLOCK)
			buf[n++] = '!';
	}
	buf[n] = '\0';
}

/* The header and ordinary capabilities, which mostly are alike. */
static void other_text(const struct row *row, char buf[20])
{
	char header[8], caps[8];

	flags_text(row->effective[2], header);
	flags_text(row->effective[3], caps);
	snprintf(buf, 20, "%s%s%s", header, strcmp(header, caps) ? "/" : "",
		 strcmp(header, caps) ? caps : "");
}

/* In words: the allow-list entry, or that the defaults hold. */
static void list_text(const struct lister *l, const struct vg_function *f,
		      char *buf, size_t len)
{
	char flags[64];
	__u32 value;

	switch (vg_allowlist_find(&l->store, f->vendor, f->device, &value)) {
	case VG_REASON_DEVICE:
		vg_flags_format(value, flags, sizeof(flags));
		snprintf(buf, len, "%s (%04x:%04x)", flags, f->vendor,
			 f->device);
		break;
	case VG_REASON_VENDOR:
		vg_flags_format(value, flags, sizeof(flags));
		snprintf(buf, len, "%s (%04x:*)", flags, f->vendor);
		break;
	default:
		snprintf(buf, len, "defaults");
	}
}

static void print_row(const struct row *row)
{
	const struct vg_function *f = &row->function;
	char unassigned[8], vendor[8], other[20], name[64], rules[32];
	const char *most = row->rules.most_specific;

	flags_text(row->effective[0], unassigned);
	flags_text(row->effective[1], vendor);
	other_text(row, other);
	snprintf(rules, sizeof(rules), "%zu%s%zu", row->rules.rules, "+",
		 row->rules.owner_rules);
	if (!row->rules.owner_rules)
		*strchr(rules, '+') = '\0';
	if (!vg_pci_device_name(f->vendor, f->device, name, sizeof(name)))
		name[0] = '\0';
	printf("%-12s  %04x:%04x  %-10s %-6s %-6s %5s  %-17s %9llu %9llu  "
	       "%s%s%s\n",
	       f->bdf, f->vendor, f->device, unassigned, vendor, other, rules,
	       most[0] ? most : "-", row->totals.verdicts[VG_BLOCK],
	       row->totals.accesses, name,
	       f->vfio ? "" : " (not given to vfio now)",
	       row->mute ? " (DOES NOT ANSWER)" : "");
}

static void json_effective(const struct row *row, struct vg_json *json)
{
	size_t place;
	int access;

	vg_json_object(json, "effective");
	for (place = 0; place < PLACES; place++) {
		vg_json_object(json, places[place].name);
		for (access = 0; access < VG_ACCESSES; access++) {
			const struct vg_explained *e =
				&row->effective[place][access];

			vg_json_object(json, vg_access_word(access));
			vg_json_string(json, "verdict",
				       vg_verdict_word(e->verdict));
			vg_json_string(
				json, "rule",
				e->asked || e->why.reason == VG_REASON_NATIVE ?
					vg_reason_word(e->why.reason) :
					"not-asked");
			vg_json_bool(json, "audit", e->audit);
			vg_json_object_end(json);
		}
		vg_json_object_end(json);
	}
	vg_json_object_end(json);
}

static void json_row(const struct lister *l, const struct row *row)
{
	const struct vg_function *f = &row->function;
	struct vg_json *json = l->json;
	char text[96];

	vg_json_object(json, NULL);
	vg_json_string(json, "device", f->bdf);
	vg_json_format(json, "vendor_id", "%04x", f->vendor);
	vg_json_format(json, "device_id", "%04x", f->device);
	vg_json_string(json, "vendor_name",
		       vg_pci_vendor_name(f->vendor, text, sizeof(text)));
	vg_json_string(json, "name",
		       vg_pci_device_name(f->vendor, f->device, text,
					  sizeof(text)));
	vg_json_bool(json, "given", f->vfio);
	vg_json_bool(json, "answers", !row->mute);
	vg_json_bool(json, "seen", row->seen);
	list_text(l, f, text, sizeof(text));
	vg_json_string(json, "rule", text);
	vg_json_u64(json, "rules", row->rules.rules);
	vg_json_u64(json, "owner_rules", row->rules.owner_rules);
	vg_json_string(json, "most_specific",
		       row->rules.most_specific[0] ? row->rules.most_specific :
						     NULL);
	json_effective(row, json);
	vg_totals_json(&row->totals, json);
	vg_json_object_end(json);
}

static int show(struct lister *l, const struct vg_function *function)
{
	struct row row = { .function = *function };
	int ret;

	row.mute = vg_pci_mute(function);
	l->mute |= row.mute;

	row.seen = find_counters(&l->store, function->slot, &row.totals);
	ret = vg_device_rules_count(&l->loaded, function, &row.rules);
	if (!ret)
		ret = find_effective(l, &row);
	if (ret)
		return ret;
	if (l->json)
		json_row(l, &row);
	else
		print_row(&row);
	return 0;
}

static bool is_listed(const struct vg_function *list, int nr, __u64 slot)
{
	int i;

	for (i = 0; i < nr; i++)
		if (list[i].slot == slot)
			return true;
	return false;
}

/* What was accessed under the policy and is with vfio no more. */
static int show_others(struct lister *l, const struct vg_function *list, int nr)
{
	struct vg_device dev;
	__u32 index = 0;
	int ret = 0;

	while (!ret && vg_devices_next(&l->store, &index, &dev)) {
		char bdf[VG_SLOT_LEN];
		struct vg_function f;

		if (is_listed(list, nr, dev.slot))
			continue;
		vg_slot_format(dev.slot, bdf);
		/* Gone, or another one is there now: what was seen counts. */
		if (vg_function_read(bdf, &f) || f.vendor != dev.vendor ||
		    f.device != dev.device) {
			memset(&f, 0, sizeof(f));
			snprintf(f.bdf, sizeof(f.bdf), "%s", bdf);
			f.slot = dev.slot;
			f.vendor = dev.vendor;
			f.device = dev.device;
		}
		ret = show(l, &f);
	}
	return ret;
}

static enum vg_exit show_all(struct lister *l)
{
	struct vg_function *list;
	int i, nr, ret = 0;

	nr = vg_functions_vfio(&list);
	if (nr < 0) {
		vg_error("the devices of this host can't be read: %s",
			 strerror(-nr));
		return VG_EXIT_FAILURE;
	}
	if (!l->json)
		printf("%-12s  %-9s  %-10s %-6s %-6s %5s  %-17s %9s %9s  %s\n",
		       "device", "ids", "unassigned", "vendor", "other",
		       "rules", "most specific", "blocked", "accesses", "name");
	for (i = 0; i < nr && !ret; i++)
		ret = show(l, &list[i]);
	if (!ret)
		ret = show_others(l, list, nr);
	free(list);
	if (!nr && !l->json)
		vg_info("no device is given to vfio");
	if (!ret)
		return l->mute ? VG_EXIT_NO_ANSWER : VG_EXIT_OK;
	vg_error("the loaded policy can't be asked: %s", strerror(-ret));
	return VG_EXIT_FAILURE;
}

int vg_cmd_devices(int argc, char **argv)
{
	bool as_json = argc == 2 && !strcmp(argv[1], "--json");
	struct lister l = { .json = NULL };
	struct vg_json json;
	enum vg_exit ret;
	int err;

	if (argc > 1 && !as_json)
		return vg_usage("devices");
	ret = vg_store_open(&l.store);
	if (!ret)
		ret = vg_store_hook(&l.store, &l.hook);
	if (!ret) {
		err = vg_loaded_read(&l.store, &l.loaded);
		if (err) {
			vg_error("the loaded policy can't be read: %s",
				 strerror(-err));
			ret = VG_EXIT_FAILURE;
		}
	}
	if (!ret && as_json) {
		l.json = &json;
		vg_json_start(&json, stdout, true);
		vg_json_document(&json, NULL, VG_JSON_DEVICES);
		vg_json_array(&json, "devices");
		ret = show_all(&l);
		vg_json_array_end(&json);
		vg_json_object_end(&json);
		if (vg_json_end(&json))
			ret = VG_EXIT_FAILURE;
	} else if (!ret) {
		ret = show_all(&l);
	}
	vg_loaded_free(&l.loaded);
	vg_store_close(&l.store);
	return ret;
}
