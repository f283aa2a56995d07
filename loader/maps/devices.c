// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>

#include "maps/devices.h"

bool vg_devices_next(const struct vg_store *store, __u32 *index,
		     struct vg_device *dev)
{
	for (; *index < VG_MAX_DEVICES; (*index)++) {
		if (bpf_map_lookup_elem(store->devices, index, dev) ||
		    !(dev->slot & VG_SLOT_USED))
			continue;
		dev->slot &= ~VG_SLOT_USED;
		(*index)++;
		return true;
	}
	return false;
}

void vg_totals_add(struct vg_totals *totals, const struct vg_device *dev)
{
	int a, v, r;

	for (a = 0; a < VG_ACCESSES; a++) {
		for (v = 0; v < VG_VERDICTS; v++) {
			for (r = 0; r < VG_REPORTS; r++) {
				__u64 n = dev->counts[a][v][r];

				totals->accesses += n;
				totals->verdicts[v] += n;
				totals->reports[r] += n;
			}
		}
	}
}

void vg_totals_json(const struct vg_totals *totals, struct vg_json *json)
{
	static const char *const reports[VG_REPORTS] = {
		[VG_REPORT_SILENT] = "silent",
		[VG_REPORT_SENT] = "events",
		[VG_REPORT_FOLDED] = "folded",
		[VG_REPORT_LIMITED] = "rate_limited",
		[VG_REPORT_RING_FULL] = "ring_full",
	};
	int i;

	vg_json_u64(json, "accesses", totals->accesses);
	vg_json_u64(json, "allowed", totals->verdicts[VG_ALLOW]);
	vg_json_u64(json, "blocked", totals->verdicts[VG_BLOCK]);
	vg_json_u64(json, "would_block", totals->verdicts[VG_WOULD_BLOCK]);
	for (i = 0; i < VG_REPORTS; i++)
		vg_json_u64(json, reports[i], totals->reports[i]);
}

enum vg_reason vg_allowlist_find(const struct vg_store *store, __u16 vendor,
				 __u16 device, __u32 *flags)
{
	struct vg_device_id id = { .vendor = vendor, .device = device };

	*flags = 0;
	if (!bpf_map_lookup_elem(store->allowlist, &id, flags))
		return VG_REASON_DEVICE;
	id.device = VG_ANY_DEVICE;
	if (!bpf_map_lookup_elem(store->allowlist, &id, flags))
		return VG_REASON_VENDOR;
	return VG_REASON_DEFAULT;
}

size_t vg_allowlist_count(const struct vg_store *store)
{
	struct vg_device_id key, *prev = NULL, last;
	size_t n = 0;

	while (!bpf_map_get_next_key(store->allowlist, prev, &key)) {
		last = key;
		prev = &last;
		n++;
	}
	return n;
}

static const char *direction(bool r, bool w)
{
	if (r && w)
		return "rw";
	return r ? "r" : "w";
}

/* Fails closed, as the program does: see vfioguard.h. */
__u32 vg_flags_effect(__u32 flags)
{
	__u32 allow = flags & (VG_F_ALLOW_READ | VG_F_ALLOW_WRITE);
	__u32 block = flags >> 4 & (VG_F_ALLOW_READ | VG_F_ALLOW_WRITE);

	if (flags & ~VG_F_ALL)
		block |= allow;
	allow &= ~block;
	return allow | block << 4 | (flags & (VG_F_AUDIT | VG_F_SILENT));
}

void vg_flags_format(__u32 flags, char *buf, size_t len)
{
	__u32 effect = vg_flags_effect(flags);
	__u32 allow = effect & (VG_F_ALLOW_READ | VG_F_ALLOW_WRITE);
	__u32 block = effect >> 4 & (VG_F_ALLOW_READ | VG_F_ALLOW_WRITE);
	bool invalid = effect != flags;
	char text[80] = "";
	int n = 0;

	if (allow)
		n += sprintf(text + n, "allow %s%s",
			     direction(allow & VG_F_ALLOW_READ,
				       allow & VG_F_ALLOW_WRITE),
			     flags & VG_F_AUDIT ? " audit" : "");
	if (block)
		n += sprintf(text + n, "%sblock %s%s", n ? ", " : "",
			     direction(block & VG_F_ALLOW_READ,
				       block & VG_F_ALLOW_WRITE),
			     flags & VG_F_SILENT ? " silent" : "");
	if (invalid || !n)
		sprintf(text + n, "%s%s (0x%x)", n ? ", " : "",
			invalid ? "invalid" : "no effect", flags);
	snprintf(buf, len, "%s", text);
}
