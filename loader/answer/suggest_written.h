/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was written to each register of a type of device: where it is little, a rule for
 * just that is suggested, and not for whatever may be written there, as other bits of a
 * register that is written for a harmless one may do harm.
 */
#ifndef VFIOGUARD_ANSWER_SUGGEST_WRITTEN_H
#define VFIOGUARD_ANSWER_SUGGEST_WRITTEN_H

#include "answer/suggest.h"

/* Config space, in registers by their first bytes. */
#define VG_WRITTEN_REGS 4096

/* So many values make a rule each. */
#define VG_FEW_VALUES 4

struct vg_written {
	__u8 size; /* bytes of each write, 0: there was none */
	bool narrow; /* all writes to these bytes were of these values, or .form */
	bool mixed; /* some were of another size, or overlap */
	bool more; /* and other values, or some that nobody knows */
	unsigned int nr;
	__u32 values[VG_FEW_VALUES];
	const struct vg_rule *form; /* of the library, see struct vg_opinion */
};

/* Add what an entry says; nothing of reads. */
void vg_written_note(struct vg_written regs[VG_WRITTEN_REGS],
		     const struct vg_learnt *learnt,
		     const struct vg_opinion *opinion);

/* After all entries: sets .narrow. */
void vg_written_end(struct vg_written regs[VG_WRITTEN_REGS]);

/* Of how many rules for a register that is .narrow; makes the @nr-th of them so. */
unsigned int vg_written_rules(const struct vg_written *reg);
void vg_written_rule(const struct vg_written *reg, unsigned int nr,
		     struct vg_rule *rule);

#endif
