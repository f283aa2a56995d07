// SPDX-License-Identifier: GPL-2.0-only
#include "answer/suggest_written.h"

void vg_written_note(struct vg_written regs[VG_WRITTEN_REGS],
		     const struct vg_learnt *learnt,
		     const struct vg_opinion *opinion)
{
	struct vg_written *reg = &regs[learnt->key.offset % VG_WRITTEN_REGS];
	__u32 values[VG_LEARN_VALUES];
	unsigned int nr, i, j;
	bool more;

	if (learnt->key.access != VG_WRITE)
		return;
	reg->mixed |= reg->size && reg->size != learnt->key.size;
	reg->size = learnt->key.size;
	reg->form = opinion->form;
	nr = vg_learnt_values(learnt, values, &more);
	reg->more |= more || !nr;
	for (i = 0; i < nr; i++) {
		for (j = 0; j < reg->nr && reg->values[j] != values[i]; j++)
			;
		if (j < reg->nr)
			continue;
		if (reg->nr == VG_FEW_VALUES)
			reg->more = true;
		else
			reg->values[reg->nr++] = values[i];
	}
}

void vg_written_end(struct vg_written regs[VG_WRITTEN_REGS])
{
	struct vg_written *reg, *last = NULL;
	unsigned int at, end = 0;

	for (at = 0; at < VG_WRITTEN_REGS; at++) {
		reg = &regs[at];
		if (!reg->size)
			continue;
		if (at < end) {
			reg->mixed = true;
			last->mixed = true;
			last->narrow = false;
		}
		if (at + reg->size >= end) {
			end = at + reg->size;
			last = reg;
		}
		reg->narrow = !reg->mixed && (!reg->more || reg->form) &&
			      end <= VG_WRITTEN_REGS;
	}
}

unsigned int vg_written_rules(const struct vg_written *reg)
{
	return reg->form ? 1 : reg->nr;
}

void vg_written_rule(const struct vg_written *reg, unsigned int nr,
		     struct vg_rule *rule)
{
	if (reg->form) {
		rule->has_write_mask = true;
		rule->write_mask = reg->form->write_mask;
		return;
	}
	rule->has_value = true;
	rule->value = reg->values[nr];
	rule->value_mask = 0xffffffffU >> (32 - 8 * reg->size);
}
