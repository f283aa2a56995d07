/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From what was learnt to rules: those that a policy lacks so that the accesses
 * pass.  Neighbouring registers become one rule; what is dangerous to allow is
 * told apart, so that it is shown and not allowed.
 */
#ifndef VFIOGUARD_ANSWER_SUGGEST_H
#define VFIOGUARD_ANSWER_SUGGEST_H

#include <limits.h>

#include "answer/learned.h"
#include "kernel/pci_config.h"
#include "policy/policy.h"

/* Where the library is installed. */
#define VG_LIBRARY "/etc/vfioguard/devices"

/* Of two for one byte the later holds. */
enum vg_advice {
	VG_ADVICE_NONE, /* allowed already */
	VG_ADVICE_SILENT, /* block it without a report: nothing misses it */
	VG_ADVICE_ALLOW,
	VG_ADVICE_CAREFUL, /* dangerous: shown as a comment */
	VG_ADVICE_CONFLICT, /* a rule of the policy is in the way */
};

/*
 * One rule, and the accesses it is for.  Where few values were written to a register
 * there is a rule for each, one behind the other.
 */
struct vg_suggestion {
	struct vg_rule rule; /* of vendor:device, for a range of registers */
	enum vg_advice advice;
	const char *why; /* a sentence, NULL for most */
	char place[120]; /* what is there, see vg_pci_place_format() */
	size_t group; /* its device's */
	__u64 counts[VG_ACCESSES];
};

/* A type of device, and its part of the entries. */
struct vg_suggest_group {
	__u16 vendor;
	__u16 device;
	size_t first; /* of vg_suggest.entries */
	size_t end;
	struct vg_function mute; /* one of them, if none of them answers */
};

struct vg_suggest {
	/* in; of .base and .loaded at most one is not NULL */
	const struct vg_learned_list *learned;
	const struct vg_policy *base; /* what is missing in this policy */
	const struct vg_store *loaded; /* what is missing in the loaded one */
	const struct vg_policy *library; /* known devices, or NULL */
	/* out */
	struct vg_policy strict; /* what .base is if neither is given */
	struct vg_learnt *entries; /* by type of device and register */
	struct vg_suggest_group *groups;
	size_t nr_groups;
	struct vg_suggestion *list; /* by group and register */
	size_t nr;
	size_t room;
	char **strings; /* that .why points to */
	size_t nr_strings;
};

/**
 * vg_suggest_make() - find the rules
 * @suggest: its first part filled in, the other zeros; to be freed with
 *           vg_suggest_free() also after an error
 *
 * Return: 0 or a negative errno.
 */
int vg_suggest_make(struct vg_suggest *suggest);

void vg_suggest_free(struct vg_suggest *suggest);

/* Is the entry one of those the suggestion is for? */
bool vg_suggest_meets(const struct vg_suggestion *suggestion,
		      const struct vg_learnt *learnt);

/* Whether a rule with this key is about a register that does harm: "hang-reset". */
bool vg_key_dangerous(const char *key);

/**
 * vg_library_find() - the device library that goes with a policy
 * @policy: its file or folder
 * @path: gets the folder "devices" beside it, or the installed one; "" for none
 */
void vg_library_find(const char *policy, char path[PATH_MAX]);

/* What one access needs. */
struct vg_opinion {
	enum vg_advice advice;
	const char *why; /* a string of the suggestions', or NULL */
	/* What the library allows of just this register, with wmask=, or NULL. */
	const struct vg_rule *form;
};

/**
 * vg_suggest_judge() - does an access need a rule, and is that a good idea?
 * @config: of its device
 *
 * Return: 0 or a negative errno.
 */
int vg_suggest_judge(struct vg_suggest *suggest, const struct vg_learnt *learnt,
		     const struct vg_pci_config *config,
		     struct vg_opinion *opinion);

/**
 * vg_suggest_print() - as a policy, with comments
 * @name: of the policy that these are the missing rules of, NULL: a whole one
 */
void vg_suggest_print(const struct vg_suggest *suggest, const char *name,
		      FILE *out);

/* As one JSON object.  Return: 0, or -EIO. */
int vg_suggest_json(const struct vg_suggest *suggest, const char *name,
		    FILE *out);

#endif
