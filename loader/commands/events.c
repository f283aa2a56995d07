// SPDX-License-Identifier: GPL-2.0-only
/* vfioguard events: what was reported */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "events/event_log.h"
#include "util/log.h"
#include "util/slot.h"
#include "util/words.h"

struct filter {
	bool by_slot;
	__u64 slot;
	const char *verdict;
	const char *owner; /* a cgroup and all below it, or a VM's name */
};

static bool is_owner(const struct vg_record *record, const char *owner)
{
	size_t n = strlen(owner);

	if (!strcmp(record->vm, owner) || !strcmp(record->uuid, owner))
		return true;
	return !strncmp(record->cgroup, owner, n) &&
	       (!record->cgroup[n] || record->cgroup[n] == '/' ||
		owner[n - 1] == '/');
}

static bool passes(const struct filter *filter, const struct vg_record *record)
{
	const struct vg_event *e = &record->event;

	if (filter->owner && !is_owner(record, filter->owner))
		return false;
	if (filter->by_slot && e->slot != filter->slot)
		return false;
	return !filter->verdict ||
	       !strcmp(filter->verdict, vg_verdict_word(e->verdict));
}

static bool is_verdict(const char *word)
{
	__u8 i;

	for (i = 0; i < VG_VERDICTS; i++)
		if (!strcmp(word, vg_verdict_word(i)))
			return true;
	return false;
}

static void print(const struct vg_record *record, bool json)
{
	char line[VG_RECORD_TEXT_LEN];
	struct vg_json writer;

	if (json) {
		vg_json_start(&writer, stdout, false);
		vg_record_json(record, &writer, NULL);
		vg_json_end(&writer);
	} else {
		vg_record_text(record, line, sizeof(line));
		puts(line);
	}
}

/* Waits for more to come; false if there is no reader any more. */
static bool wait_for_more(void)
{
	/* No event asked for: errors alone, which a closed pipe is. */
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, 200) <= 0;
}

static void show(const struct vg_event_log *log, const struct filter *filter,
		 bool json, bool follow)
{
	struct vg_event_cursor at = {};
	struct vg_record record;

	for (;;) {
		while (vg_event_log_next(log, &at, &record))
			if (passes(filter, &record))
				print(&record, json);
		if (at.lost)
			vg_warn("%llu events came faster than they were shown",
				at.lost);
		at.lost = 0;
		fflush(stdout);
		if (!follow || ferror(stdout) || !wait_for_more())
			return;
	}
}

int vg_cmd_events(int argc, char **argv)
{
	static const struct option options[] = {
		{ "follow", no_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' },
		{ "device", required_argument, NULL, 'd' },
		{ "verdict", required_argument, NULL, 'r' },
		{ "owner", required_argument, NULL, 'o' },
		{},
	};
	struct filter filter = {};
	bool json = false, follow = false;
	struct vg_event_log *log;
	int c;

	while ((c = getopt_long(argc, argv, "fj", options, NULL)) != -1) {
		switch (c) {
		case 'f':
			follow = true;
			break;
		case 'j':
			json = true;
			break;
		case 'd':
			if (vg_slot_parse(optarg, &filter.slot)) {
				vg_error("'%s' is not a PCI address; "
					 "write 0000:01:00.0",
					 optarg);
				return VG_EXIT_USAGE;
			}
			filter.by_slot = true;
			break;
		case 'o':
			if (!optarg[0]) {
				vg_error("an owner is a cgroup, a VM's name or "
					 "its uuid");
				return VG_EXIT_USAGE;
			}
			filter.owner = optarg;
			break;
		case 'r':
			if (!is_verdict(optarg)) {
				vg_error("no verdict '%s'; there are allowed, "
					 "blocked and would-block",
					 optarg);
				return VG_EXIT_USAGE;
			}
			filter.verdict = optarg;
			break;
		default:
			return vg_usage("events");
		}
	}
	if (optind != argc)
		return vg_usage("events");

	log = vg_event_log_open(false);
	if (!log) {
		c = errno;
		vg_error("no events: %s; they are kept by the daemon "
			 "(vfioguard run)",
			 c == ENOENT ? "no daemon ran since boot" :
			 c == EPROTO ? "the file is another version's" :
			 c == ENOSPC ? "/run had no room for them when it "
				       "started" :
				       strerror(c));
		return c == ENOENT ? VG_EXIT_NOT_LOADED : VG_EXIT_FAILURE;
	}
	show(log, &filter, json, follow);
	vg_event_log_close(log);
	return VG_EXIT_OK;
}
