// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <libaudit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "events/event.h"
#include "events/process.h"
#include "util/printable.h"
#include "util/slot.h"
#include "util/words.h"

#define NSEC_PER_SEC 1000000000ULL

static __u64 now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

void vg_record_fill(struct vg_record *record, const struct vg_event *event,
		    bool ask)
{
	memset(record, 0, sizeof(*record));
	record->event = *event;
	record->event.comm[VG_COMM_LEN - 1] = '\0';
	record->realtime =
		now_ns(CLOCK_REALTIME) - (now_ns(CLOCK_BOOTTIME) - event->time);
	if (ask)
		vg_process_read(record);
}

static void format_time(__u64 realtime, char *buf, size_t len)
{
	time_t seconds = realtime / NSEC_PER_SEC;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(buf, len, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* " FILE:LINE" of the rule, "" if it is not known. */
static void format_source(const struct vg_rule_source *rule, char *buf,
			  size_t len)
{
	char file[4 * VG_FILE_LEN];

	buf[0] = '\0';
	if (!rule->file[0])
		return;
	vg_printable(rule->file, file, sizeof(file));
	snprintf(buf, len, "%s:%u", file, rule->line);
}

void vg_record_text(const struct vg_record *record, char *buf, size_t len)
{
	const struct vg_event *e = &record->event;
	char when[32], slot[VG_SLOT_LEN], data[16] = "";
	/* Escaped, a byte takes four. */
	char comm[4 * VG_COMM_LEN], cgroup[4 * VG_CGROUP_LEN], more[64] = "";
	char vm[4 * VG_VM_NAME_LEN + 4] = "vm ";
	char source[4 * VG_FILE_LEN + 16];

	format_source(&record->rule, source, sizeof(source));
	format_time(record->realtime, when, sizeof(when));
	vg_slot_format(e->slot, slot);
	vg_printable(e->comm, comm, sizeof(comm));
	vg_printable(record->cgroup, cgroup, sizeof(cgroup));
	if (record->vm[0])
		vg_printable(record->vm, vm + 3, sizeof(vm) - 3);
	if (e->access == VG_WRITE)
		snprintf(data, sizeof(data), " of %0*x", e->size * 2, e->data);
	if (e->unreported)
		snprintf(more, sizeof(more), ", %llu more not reported",
			 e->unreported);

	snprintf(
		buf, len,
		"%s %s %s%s at 0x%03x (%u bytes, %s) of %s [%04x:%04x] by %s%s%s; "
		"%s[%u] uid %u %s%s",
		when, vg_verdict_word(e->verdict), vg_access_word(e->access),
		data, e->offset, e->size, vg_region_word(e->region), slot,
		e->vendor, e->device, vg_reason_word(e->reason),
		source[0] ? " " : "", source, comm, e->tgid, e->uid,
		record->vm[0] ? vm : cgroup, more);
}

void vg_record_json(const struct vg_record *record, struct vg_json *json,
		    const char *name)
{
	const struct vg_event *e = &record->event;
	char when[32], slot[VG_SLOT_LEN];

	format_time(record->realtime, when, sizeof(when));
	vg_slot_format(e->slot, slot);

	vg_json_document(json, name, VG_JSON_EVENT);
	vg_json_string(json, "time", when);
	vg_json_string(json, "device", slot);
	vg_json_format(json, "vendor_id", "%04x", e->vendor);
	vg_json_format(json, "device_id", "%04x", e->device);
	vg_json_string(json, "access", vg_access_word(e->access));
	vg_json_u64(json, "offset", e->offset);
	vg_json_u64(json, "size", e->size);
	if (e->access == VG_WRITE)
		vg_json_u64(json, "data", e->data);
	vg_json_string(json, "region", vg_region_word(e->region));
	vg_json_u64(json, "capability", e->cap);
	vg_json_string(json, "verdict", vg_verdict_word(e->verdict));
	vg_json_string(json, "rule", vg_reason_word(e->reason));
	if (record->rule.file[0]) {
		vg_json_string(json, "file", record->rule.file);
		vg_json_u64(json, "line", record->rule.line);
	}
	if (record->rule.key[0])
		vg_json_string(json, "key", record->rule.key);
	vg_json_u64(json, "generation", e->generation);
	vg_json_u64(json, "unreported", e->unreported);
	vg_json_u64(json, "pid", e->tgid);
	vg_json_u64(json, "tid", e->pid);
	vg_json_u64(json, "uid", e->uid);
	vg_json_string(json, "comm", e->comm);
	vg_json_u64(json, "cgroup_id", e->cgroup);
	vg_json_string(json, "cgroup", record->cgroup);
	if (record->vm[0])
		vg_json_string(json, "vm", record->vm);
	if (record->uuid[0])
		vg_json_string(json, "uuid", record->uuid);
	vg_json_object_end(json);
}

/*
 * One more field, if there is room for it: that names are long must not keep the
 * rest out of the audit log.  Return: the new length.
 */
static size_t append(char *buf, size_t len, size_t n, const char *name,
		     const char *value)
{
	char *field = audit_encode_nv_string(name, value, 0);

	if (field && n + 1 + strlen(field) < len)
		n += sprintf(buf + n, " %s", field);
	free(field);
	return n;
}

/* vm= and uuid= as in libvirt's own records, at= is where the rule is written. */
static size_t append_known(const struct vg_record *record, char *buf,
			   size_t len, size_t n)
{
	char at[VG_FILE_LEN + 16];

	if (record->vm[0])
		n = append(buf, len, n, "vm", record->vm);
	if (record->uuid[0] && n + sizeof(" uuid=") + VG_VM_UUID_LEN < len)
		n += sprintf(buf + n, " uuid=%s", record->uuid);
	if (record->rule.file[0]) {
		snprintf(at, sizeof(at), "%s:%u", record->rule.file,
			 record->rule.line);
		n = append(buf, len, n, "at", at);
	}
	return n;
}

int vg_record_audit(const struct vg_record *record, char *buf, size_t len)
{
	const struct vg_event *e = &record->event;
	char slot[VG_SLOT_LEN], *comm, *cgroup;
	int n = -ENOMEM;

	vg_slot_format(e->slot, slot);
	/*
	 * Hex where there is a blank, a quote or a control character.  The
	 * device is quoted for auparse, which takes a bare value for hex.
	 */
	comm = audit_encode_nv_string("ocomm", e->comm, 0);
	cgroup = audit_encode_nv_string("cgroup", record->cgroup, 0);
	if (comm && cgroup)
		n = snprintf(
			buf, len,
			"op=%s-%s device=\"%s\" ids=%04x:%04x offset=0x%x "
			"width=%u val=0x%x region=%s rule=%s "
			"unreported=%llu opid=%u oauid=%u oses=%u "
			"ouser=%u %s cgid=%llu %s key=\"%s\"",
			vg_verdict_word(e->verdict), vg_access_word(e->access),
			slot, e->vendor, e->device, e->offset, e->size, e->data,
			vg_region_word(e->region), vg_reason_word(e->reason),
			e->unreported, e->tgid, e->loginuid, e->sessionid,
			e->uid, comm, e->cgroup, cgroup,
			record->rule.key[0] ? record->rule.key : "vfioguard");
	free(comm);
	free(cgroup);
	if (n >= 0 && (size_t)n >= len)
		return -E2BIG;
	return n < 0 ? n : (int)append_known(record, buf, len, n);
}
