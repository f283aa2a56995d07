/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of one access and why, from a policy as written or from the one
 * that is loaded; and how people see it.
 */
#ifndef VFIOGUARD_ANSWER_EXPLAIN_H
#define VFIOGUARD_ANSWER_EXPLAIN_H

#include "answer/loaded_diff.h"
#include "kernel/layout.h"
#include "kernel/native.h"
#include "kernel/sysfs.h"
#include "policy/expect.h"
#include "util/json_writer.h"

/* Details of an access that nobody gave: rules about them match nothing. */
enum vg_unsaid {
	VG_UNSAID_CLASS = 0x01,
	VG_UNSAID_SUBSYS = 0x02,
	VG_UNSAID_SLOT = 0x04,
	VG_UNSAID_OWNER = 0x08,
	VG_UNSAID_VALUE = 0x10,
	VG_UNSAID_REGION = 0x20, /* taken for unassigned, or the header */
};

/* The access that is asked about. */
struct vg_question {
	struct vg_query query;
	unsigned int unsaid; /* enum vg_unsaid */
	const struct vg_function *function; /* NULL: a type of device */
	const struct vg_spot *spot; /* NULL: the layout is not known */
	/*
	 * Of an unassigned byte: the capability it physically lies in, NULL for
	 * none.  Not sure: the last before it, whose length nobody knows.
	 */
	const struct vg_layout_cap *body;
	bool sure;
};

/**
 * vg_query_of_function() - a write of four bytes that no rule names the register of
 *
 * To unassigned space, where the caller says nothing else; it is put behind config
 * space, so that what answers is what holds for all of it.
 */
struct vg_query vg_query_of_function(const struct vg_function *function);

/* What decides, one line each, as far as it is known. */
struct vg_why {
	enum vg_reason reason;
	char text[VG_RULE_TEXT]; /* the rule or default; "": not known */
	char file[VG_FILE_LEN]; /* where it is written, "": nowhere */
	unsigned int line;
	char key[VG_KEY_LEN];
};

struct vg_explained {
	enum vg_verdict verdict; /* what becomes of the access */
	enum vg_verdict rules_say; /* VG_ALLOW or VG_BLOCK, whatever the mode */
	struct vg_why why;
	bool audit; /* it is reported */
	enum vg_mode mode;
	bool learning;
	/* The kernel asks the policy: false of regions it says nothing about. */
	bool asked;
	bool left_to_native; /* the module parameters have the last word */
	enum vg_native native;
	__u32 write_mask; /* of an allowed write: bits of its data that pass */
	__u32 read_value; /* of a blocked read: what is returned */
	__u32 read_last; /* bits of it that are what was last written */
	unsigned int unsaid; /* of those, what rules of the policy are about */
};

/**
 * vg_explain_policy() - by a policy as written
 *
 * The module parameters are not looked at: .native is VG_NATIVE_UNKNOWN.
 */
void vg_explain_policy(const struct vg_policy *policy,
		       const struct vg_question *question,
		       struct vg_explained *explained);

/**
 * vg_explain_loaded() - by the loaded policy, asked in the kernel
 * @loaded: its maps, for the text of rules
 * @hook: of this kernel
 *
 * Return: 0 or a negative errno.
 */
int vg_explain_loaded(const struct vg_store *store,
		      const struct vg_loaded *loaded,
		      const struct vg_hook *hook,
		      const struct vg_question *question,
		      struct vg_explained *explained);

/* Where an answer comes from, and what a second one says. */
struct vg_explain_source {
	const char *policy; /* the file */
	const struct vg_config *config; /* NULL: the file was asked */
	bool attached; /* the loaded policy is in force */
	/* Of the loaded policy, compared with its file as it is now: */
	const char *not_compared; /* why not, or NULL */
	const struct vg_differences *differences;
	const struct vg_explained *file; /* what the file says, or NULL */
};

/* For people, to stdout. */
void vg_explain_print(const struct vg_question *question,
		      const struct vg_explained *explained,
		      const struct vg_explain_source *source);

/* As one JSON object. */
void vg_explain_json(const struct vg_question *question,
		     const struct vg_explained *explained,
		     const struct vg_explain_source *source,
		     struct vg_json *json);

#endif
