/* SPDX-License-Identifier: GPL-2.0-only */
/* What would become of an access, for `vfioguard explain` and tests. */
#ifndef VFIOGUARD_ASK_H
#define VFIOGUARD_ASK_H

static __always_inline int answer_ask(struct vg_ask *ask)
{
	struct subject s = {
		.slot = ask->slot,
		.vendor = ask->vendor,
		.device = ask->device,
		.subvendor = ask->subvendor,
		.subdevice = ask->subdevice,
		.class = ask->class,
	};
	__u32 shift = ask->offset % 4;
	struct question q = {
		.dword = ask->offset & ~3,
		.place = ask->place,
		.cap_place = ask->cap_place,
		.bytes = ((1 << (ask->size & 7)) - 1) << shift & 0xf,
		.data = ask->data << 8 * shift,
#ifdef VG_STOCK
		/* As of every write there, whatever the question says. */
		.has_data = ask->access & 1 ? DATA_HIDDEN : 0,
#else
		.has_data = ask->has_data & ask->access & 1,
#endif
		.write = ask->access & 1,
	};
	struct answer a;

	s.owners[0] = ask->owners[0];
	s.owners[1] = ask->owners[1];
	s.owners[2] = ask->owners[2];
	s.owners[3] = ask->owners[3];
	resolve(&s);
	CLEAN(a);
	decide(&s, &q, &a);

	ask->verdict = make_plan(&a, policy_mode()) & PLAN_VERDICT;
	ask->audit = a.audit;
	ask->reason = a.reason;
	ask->scope = a.scope;
	ask->write_mask = a.verdict == VG_ALLOW ? a.write_mask >> 8 * shift : 0;
	ask->read_data = a.read >> 8 * shift;
	ask->read_last = a.last >> 8 * shift;
	ask->line = a.line;
	ask->file = a.file;
	ask->key = a.key;
	ask->by_default = !!a.by_default;
	return 0;
}

#endif
