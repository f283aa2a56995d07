/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A look at the host: whatever decides whether a policy protects it, each with what
 * was found and with one command that mends it.
 */
#ifndef VFIOGUARD_DOCTOR_DOCTOR_H
#define VFIOGUARD_DOCTOR_DOCTOR_H

#include <stddef.h>

enum vg_health {
	VG_HEALTH_OK,
	VG_HEALTH_WARNING, /* something is missing, or will be after a boot */
	VG_HEALTH_FAULT, /* a device, or a policy, is not what it should be now */
	VG_HEALTHS,
};

struct vg_diagnosis {
	const char *check; /* "bpffs"; a device has one of its own */
	enum vg_health health;
	char *text; /* what was found */
	char *remedy; /* a line for a shell, or NULL */
};

struct vg_diagnoses {
	struct vg_diagnosis *list;
	size_t nr;
	size_t room;
	size_t count[VG_HEALTHS];
	int err; /* -ENOMEM when one was left out */
};

/**
 * vg_doctor_look() - look at everything
 * @diagnoses: all zeros; to be freed with vg_diagnoses_free(), also after an error
 *
 * Loads and attaches small programs of its own where no policy is loaded, to see
 * what the kernel can do (vg_stock_test()), and runs lsinitramfs and systemctl.
 * Changes nothing.  For root; says nothing.
 *
 * Return: 0 or -ENOMEM.
 */
int vg_doctor_look(struct vg_diagnoses *diagnoses);

void vg_diagnoses_free(struct vg_diagnoses *diagnoses);

/* "ok", "warning" or "fault" */
const char *vg_health_word(enum vg_health health);

#endif
