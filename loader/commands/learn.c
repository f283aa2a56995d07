// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfioguard learn: record every kind of access, and show what was recorded
 *
 * What it takes to turn this into rules is `vfioguard suggest`.
 */
#include <stdio.h>
#include <string.h>

#include "answer/learned.h"
#include "commands/commands.h"
#include "force/lock_state.h"
#include "kernel/pci_config.h"
#include "util/log.h"
#include "util/printable.h"
#include "util/slot.h"
#include "util/vm.h"
#include "util/words.h"

static const char *mode_word(unsigned int mode)
{
	return mode == VG_MODE_MONITOR ? "monitor" : "enforce";
}

/* The same for whoever just left learning behind, and expects to be guarded. */
static const char *mode_text(unsigned int mode)
{
	return mode == VG_MODE_MONITOR ? "monitor: nothing is blocked" :
					 "enforce";
}

static enum vg_exit read_failed(int err)
{
	vg_error("what was learnt can't be read: %s", strerror(-err));
	return VG_EXIT_FAILURE;
}

/* The configuration of what is loaded, for those that need no more. */
static enum vg_exit read_loaded(struct vg_config *config)
{
	struct vg_store store;
	enum vg_exit ret;

	ret = vg_store_open(&store);
	if (!ret)
		vg_store_read_config(&store, config);
	vg_store_close(&store);
	return ret;
}

static enum vg_exit learn_start(bool json)
{
	struct vg_config before = {};
	enum vg_exit ret;

	(void)json;
	ret = read_loaded(&before);
	if (!ret)
		ret = vg_store_learn(true);
	if (ret)
		return ret;
	if (before.learn)
		vg_info("learning already");
	else
		vg_info("learning: nothing is blocked by the policy until "
			"'vfioguard learn stop' or the next load");
	return VG_EXIT_OK;
}

static enum vg_exit learn_stop(bool json)
{
	struct vg_config before = {};
	enum vg_exit ret;

	(void)json;
	ret = read_loaded(&before);
	if (!ret)
		ret = vg_store_learn(false);
	if (ret)
		return ret;
	if (before.learn)
		vg_info("no longer learning; the mode is %s again",
			mode_text(before.mode_before));
	else
		vg_info("it was not learning; the mode is %s",
			mode_text(before.mode));
	return VG_EXIT_OK;
}

static enum vg_exit learn_clear(bool json)
{
	struct vg_store store;
	enum vg_exit ret;
	int err;

	(void)json;
	ret = vg_store_open(&store);
	if (!ret)
		ret = vg_lock_check();
	if (!ret) {
		err = vg_learned_clear(&store);
		if (err) {
			vg_error("what was learnt can't be cleared: %s",
				 strerror(-err));
			ret = VG_EXIT_FAILURE;
		} else {
			vg_info("what was learnt until now is forgotten");
		}
	}
	vg_store_close(&store);
	return ret;
}

/* --- status -------------------------------------------------------------- */

static void print_status(const struct vg_config *config,
			 const struct vg_learned_list *list)
{
	if (config->learn)
		printf("learning  yes: nothing is blocked by the policy; the "
		       "mode before was %s\n",
		       mode_word(config->mode_before));
	else
		printf("learning  no; the mode is %s\n",
		       mode_word(config->mode));
	printf("learnt    %zu kinds of access, room for %d\n", list->nr,
	       VG_MAX_LEARNED);
	printf("lost      %llu accesses found no room\n", list->lost);
}

static bool json_status(const struct vg_config *config,
			const struct vg_learned_list *list)
{
	struct vg_json json;

	vg_json_start(&json, stdout, true);
	vg_json_document(&json, NULL, VG_JSON_LEARN_STATUS);
	vg_json_bool(&json, "learning", config->learn);
	vg_json_string(&json, "mode", mode_word(config->mode));
	vg_json_string(&json, "mode_before", mode_word(config->mode_before));
	vg_json_u64(&json, "entries", list->nr);
	vg_json_u64(&json, "room", VG_MAX_LEARNED);
	vg_json_u64(&json, "lost", list->lost);
	vg_json_object_end(&json);
	return !vg_json_end(&json);
}

static enum vg_exit learn_status(bool json)
{
	struct vg_learned_list list = {};
	struct vg_config config;
	struct vg_store store;
	enum vg_exit ret;
	int err;

	ret = vg_store_open(&store);
	if (!ret) {
		vg_store_read_config(&store, &config);
		err = vg_learned_read(&store, &list);
		if (err)
			ret = read_failed(err);
		else if (!json)
			print_status(&config, &list);
		else if (!json_status(&config, &list))
			ret = VG_EXIT_FAILURE;
	}
	vg_learned_free(&list);
	vg_store_close(&store);
	return ret;
}

/* --- show ---------------------------------------------------------------- */

/* What is at an entry's register; the device is read when it is another. */
static void place_of(const struct vg_learnt *learnt,
		     struct vg_pci_config *config, __u64 *slot, bool *mute,
		     char *buf, size_t len)
{
	char text[VG_MUTE_LEN];

	if (*slot != learnt->key.slot) {
		*slot = learnt->key.slot;
		vg_pci_config_read(*slot, config);
		*mute |= config->mute;
		if (config->mute) {
			vg_pci_mute_format(&config->function, text);
			vg_warn("%s", text);
		}
	}
	/* Another device may be there now. */
	if (config->function.vendor == learnt->key.vendor &&
	    config->function.device == learnt->key.device)
		vg_pci_place_format(config, learnt->key.offset, buf, len);
	else
		buf[0] = '\0';
}

static void print_entry(const struct vg_learnt *learnt, const char *place)
{
	const struct vg_learn_key *key = &learnt->key;
	char slot[VG_SLOT_LEN], first[VG_TIME_LEN], last[VG_TIME_LEN];
	char owner[4 * sizeof(struct vg_owner)], comm[4 * VG_COMM_LEN];
	__u32 values[VG_LEARN_VALUES];
	unsigned int nr, i;
	bool more;

	vg_slot_format(key->slot, slot);
	vg_boottime_format(learnt->value.first, first);
	vg_boottime_format(learnt->value.last, last);
	vg_printable(learnt->owner, owner, sizeof(owner));
	vg_printable(learnt->value.comm, comm, sizeof(comm));
	printf("%-12s  %04x:%04x  0x%03x  %u %-5s  %9llu  %s  %s  %s[%u] %s; "
	       "%s",
	       slot, key->vendor, key->device, key->offset, key->size,
	       vg_access_word(key->access), learnt->value.count, first, last,
	       comm, learnt->value.tgid, owner,
	       place[0] ? place : vg_region_word(learnt->value.region));
	nr = vg_learnt_values(learnt, values, &more);
	for (i = 0; i < nr; i++)
		printf("%s0x%0*x", i ? " " : "; of ", 2 * key->size, values[i]);
	puts(more ? " and others" : "");
}

static void json_entry(const struct vg_learnt *learnt, const char *place,
		       struct vg_json *json)
{
	const struct vg_learn_key *key = &learnt->key;
	char slot[VG_SLOT_LEN], first[VG_TIME_LEN], last[VG_TIME_LEN];
	__u32 values[VG_LEARN_VALUES];
	char vm[VG_VM_NAME_LEN];
	unsigned int nr, i;
	bool more;

	vg_slot_format(key->slot, slot);
	vg_boottime_format(learnt->value.first, first);
	vg_boottime_format(learnt->value.last, last);
	vg_json_object(json, NULL);
	vg_json_string(json, "device", slot);
	vg_json_format(json, "vendor_id", "%04x", key->vendor);
	vg_json_format(json, "device_id", "%04x", key->device);
	vg_json_u64(json, "offset", key->offset);
	vg_json_u64(json, "size", key->size);
	vg_json_string(json, "access", vg_access_word(key->access));
	vg_json_u64(json, "count", learnt->value.count);
	vg_json_u64(json, "blocked", learnt->value.blocked);
	vg_json_string(json, "first", first);
	vg_json_string(json, "last", last);
	vg_json_array(json, "values");
	nr = vg_learnt_values(learnt, values, &more);
	for (i = 0; i < nr; i++)
		vg_json_u64(json, NULL, values[i]);
	vg_json_array_end(json);
	vg_json_bool(json, "more_values", more);
	vg_json_string(json, "region", vg_region_word(learnt->value.region));
	vg_json_u64(json, "capability", learnt->value.cap);
	vg_json_string(json, "place", place[0] ? place : NULL);
	vg_json_u64(json, "pid", learnt->value.tgid);
	vg_json_string(json, "comm", learnt->value.comm);
	vg_json_u64(json, "cgroup_id", key->cgroup);
	vg_json_string(json, "cgroup", learnt->owner);
	vg_vm_from_cgroup(learnt->owner, vm, sizeof(vm));
	if (vm[0])
		vg_json_string(json, "vm", vm);
	vg_json_object_end(json);
}

static enum vg_exit show_list(const struct vg_learned_list *list, bool as_json)
{
	struct vg_pci_config config = {};
	__u64 slot = VG_SLOT_NONE;
	struct vg_json json;
	bool mute = false;
	char place[96];
	size_t i;

	if (as_json) {
		vg_json_start(&json, stdout, true);
		vg_json_document(&json, NULL, VG_JSON_LEARNED);
		vg_json_u64(&json, "lost", list->lost);
		vg_json_array(&json, "learned");
	} else if (list->nr) {
		printf("%-12s  %-9s  %-5s  %-7s  %9s  %-20s  %-20s  %s\n",
		       "device", "ids", "at", "access", "count", "first",
		       "last", "by whom; what is there; values");
	} else {
		vg_info("nothing was learnt; run: vfioguard learn start");
	}
	for (i = 0; i < list->nr; i++) {
		place_of(&list->entries[i], &config, &slot, &mute, place,
			 sizeof(place));
		if (as_json)
			json_entry(&list->entries[i], place, &json);
		else
			print_entry(&list->entries[i], place);
	}
	if (list->lost)
		vg_warn("%llu accesses found no room and are not shown; "
			"vfioguard learn clear makes room",
			list->lost);
	if (as_json) {
		vg_json_array_end(&json);
		vg_json_object_end(&json);
	}
	if (as_json ? vg_json_end(&json) : ferror(stdout))
		return VG_EXIT_FAILURE;
	return mute ? VG_EXIT_NO_ANSWER : VG_EXIT_OK;
}

static enum vg_exit learn_show(bool json)
{
	struct vg_learned_list list = {};
	struct vg_store store;
	enum vg_exit ret;
	int err;

	ret = vg_store_open(&store);
	if (!ret) {
		err = vg_learned_read(&store, &list);
		if (err)
			ret = read_failed(err);
		else
			ret = show_list(&list, json);
	}
	vg_learned_free(&list);
	vg_store_close(&store);
	return ret;
}

static const struct {
	const char *name;
	enum vg_exit (*run)(bool json);
	bool shows; /* takes --json */
} verbs[] = {
	{ "start", learn_start, false },  { "stop", learn_stop, false },
	{ "status", learn_status, true }, { "show", learn_show, true },
	{ "clear", learn_clear, false },
};

int vg_cmd_learn(int argc, char **argv)
{
	bool json = argc == 3 && !strcmp(argv[2], "--json");
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(argv[1], verbs[i].name) &&
		    (argc == 2 || (json && verbs[i].shows)))
			return verbs[i].run(json);
	return vg_usage("learn");
}
