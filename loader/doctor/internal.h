/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VFIOGUARD_DOCTOR_INTERNAL_H
#define VFIOGUARD_DOCTOR_INTERNAL_H

#include <stdbool.h>

#include "answer/loaded_diff.h"
#include "daemon/config.h"
#include "doctor/doctor.h"

enum vg_lockdown {
	VG_LOCKDOWN_UNKNOWN,
	VG_LOCKDOWN_NONE,
	VG_LOCKDOWN_INTEGRITY,
	VG_LOCKDOWN_CONFIDENTIALITY,
};

/* What several of the checks need to know. */
struct vg_host {
	struct vg_diagnoses *out;
	char release[65]; /* of the kernel */
	struct vg_settings settings; /* of the service, or the defaults */
	enum vg_lockdown lockdown;
	char lsms[256]; /* "landlock,yama,bpf"; "" if that can't be read */
	bool module; /* vfio-pci-core is loaded, or built in */
	bool hook; /* and has one */
	bool patched_file; /* modprobe would load the patched one */
	bool locked; /* the policy, until the next boot */
	bool loaded; /* there is a policy; all below is of it */
	char why_not[512]; /* why it can't be opened; "": none is there */
	struct vg_store store;
	struct vg_config config;
	struct vg_hook regions;
	struct vg_loaded maps;
};

/* Note what was found.  @remedy: copied, may be NULL or "". */
__attribute__((format(printf, 5, 6))) void
vg_diagnose(struct vg_host *host, const char *check, enum vg_health health,
	    const char *remedy, const char *fmt, ...);

/* The same of one of our messages: "WHAT; run: COMMAND". */
void vg_diagnose_message(struct vg_host *host, const char *check,
			 enum vg_health health, const char *message);

/* A remedy, good until the next one is made. */
__attribute__((format(printf, 1, 2))) const char *vg_remedy(const char *fmt,
							    ...);

#define VG_QUOTED_LEN 512

/* A name as a shell takes it, in quotes if it must be. */
const char *vg_quoted(const char *name, char buf[VG_QUOTED_LEN]);

/* The line that has the next boot call BPF LSM programs. */
const char *vg_lsm_remedy(const struct vg_host *host);

/**
 * vg_tool() - what a program prints
 * @argv: ended by NULL; looked for in PATH
 * @max: most that is taken, bytes
 * @out: to be freed; NULL on error, else ended by NUL
 * @len: bytes of @out
 *
 * Its stderr is not shown.  For at most 60 seconds, then it is killed.
 *
 * Return: 0, also if there was more; -ENOENT if there is no such program, -EIO if it
 * failed, or another negative errno.
 */
int vg_tool(const char *const argv[], size_t max, char **out, size_t *len);

bool vg_tool_exists(const char *name);

/* Whether systemd is the first process of this host. */
bool vg_systemd_runs(void);

/* The checks, in this order; each says one or more things. */
void vg_check_config(struct vg_host *host);
void vg_check_kernel(struct vg_host *host);
void vg_check_module(struct vg_host *host);
void vg_check_door(struct vg_host *host);
void vg_check_policy(struct vg_host *host);
void vg_check_service(struct vg_host *host);
void vg_check_audit(struct vg_host *host);
void vg_check_devices(struct vg_host *host);

#endif
