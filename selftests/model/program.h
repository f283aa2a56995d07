/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BPF program in user space, behind one of its front ends.  What is here of
 * the kernel is what calls the front end: another front end comes with another
 * file of this kind.
 */
#ifndef MODEL_PROGRAM_H
#define MODEL_PROGRAM_H

#include "compile/compile.h"
#include "maps.h"
#include "world.h"

/* An access, and what came of it. */
struct model_access {
	const struct model_device *device;
	const struct vg_query *query; /* place, direction and value */
	__u32 native; /* MODEL_VFIO_PCI_CONFIG_* */
	/* out */
	bool asked; /* the kernel asked the program */
	bool passes;
	bool audit; /* the kernel is to write a record */
	__u32 data; /* that is written, or that a blocked read returns */
	__u32 keep; /* bits of a write that stay as the device has them */
};

void model_program_init(void);

/* Bits of the regions in this kernel. */
extern const struct vg_hook model_hook;

/**
 * model_program_load() - a new policy, as a reload puts it in force
 * @learn: as `vfioguard learn start` does: monitor mode, all regions
 */
void model_program_load(const struct vg_compiled *compiled, bool learn);

/* The allow list alone becomes another. */
void model_program_edit(const struct vg_compiled *compiled);

void model_program_access(struct model_access *access);

/* As the program `ask` of the loaded policy. */
int model_program_ask(struct vg_ask *ask);

/* Of a map of this name. */
struct model_map *model_program_map(const char *name);
struct vg_config *model_program_config(void);

/* The entry of a device, or NULL. */
const struct vg_device *model_program_device(const struct model_device *device);

/* All the room for paths of cgroups is taken by other tasks, or free. */
void model_program_take_paths(bool taken);

#endif
