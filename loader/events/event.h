/* SPDX-License-Identifier: GPL-2.0-only */
/* One event of the BPF program, and how it is shown. */
#ifndef VFIOGUARD_EVENTS_EVENT_H
#define VFIOGUARD_EVENTS_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/vfioguard.h"
#include "maps/rule_source.h"
#include "util/json_writer.h"
#include "util/vm.h"

#define VG_CGROUP_LEN 200

/* An event with what only lives as long as the process that caused it. */
struct vg_record {
	struct vg_event event;
	__u64 realtime; /* CLOCK_REALTIME, ns */
	char cgroup[VG_CGROUP_LEN]; /* path, "" if not known for sure */
	char vm[VG_VM_NAME_LEN]; /* of libvirt or QEMU, "" if not known */
	char uuid[VG_VM_UUID_LEN];
	struct vg_rule_source rule; /* of an entry of map "rules" */
};

/**
 * vg_record_fill() - complete an event right after it was drained
 * @ask: also look in /proc for what only lives as long as the process; what
 *	may be of another is left out, see events/process.h
 */
void vg_record_fill(struct vg_record *record, const struct vg_event *event,
		    bool ask);

/* Holds the longest line of vg_record_text(), all of its names escaped. */
#define VG_RECORD_TEXT_LEN 2048

/* One line for people, without a newline.  Cut to @len bytes with NUL. */
void vg_record_text(const struct vg_record *record, char *buf, size_t len);

/* One JSON object; @name as for vg_json_object(). */
void vg_record_json(const struct vg_record *record, struct vg_json *json,
		    const char *name);

/**
 * vg_record_audit() - the message of an audit record
 *
 * Strings that a user or a guest can choose are encoded as auparse expects.
 * With 1024 bytes all that is always known has room; vm=, uuid= and at= are there
 * if they have it too.
 *
 * Return: bytes without NUL, or -E2BIG.
 */
int vg_record_audit(const struct vg_record *record, char *buf, size_t len);

#endif
