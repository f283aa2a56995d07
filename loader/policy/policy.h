/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policy as written: mode, defaults and rules, each rule with the file, line
 * and column it stands at.  Made by policy/parse.c from text; read by lint/,
 * the evaluator (policy/eval.c) and the loader.
 *
 * Nothing here needs a kernel, privileges or a device.
 */
#ifndef VFIOGUARD_POLICY_H
#define VFIOGUARD_POLICY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "bpf/vfioguard.h"

/* Where a token stands.  Lines and columns count from 1; columns in bytes. */
struct vg_pos {
	const char *file; /* owned by the policy */
	unsigned int line;
	unsigned int column;
};

/* 0000:00:00.0, the host bridge, which no guest is ever given. */
#define VG_SLOT_NONE 0

struct vg_scope {
	enum vg_scope_kind kind;
	__u16 vendor; /* of vendor, device and subsys */
	__u16 device; /* VG_ANY_DEVICE for vendor */
	__u32 class; /* 24 bits, unset digits zero */
	__u32 class_mask; /* 0xff0000, 0xffff00 or 0xffffff */
	__u64 slot; /* VG_SLOT() */
	char *owner; /* owned by the policy, NULL otherwise */
};

/* Which bytes a rule is for, least specific first. */
enum vg_where_kind {
	VG_WHERE_ANY, /* any: all of config space */
	VG_WHERE_GUARDED, /* nothing written: unassigned and vendor */
	VG_WHERE_HEADER, /* the first 64 bytes */
	VG_WHERE_CAPS, /* cap: every ordinary capability */
	VG_WHERE_VENDOR, /* vendor: VNDR, VSEC and DVSEC capabilities */
	VG_WHERE_UNASSIGNED, /* unassigned */
	VG_WHERE_CAP, /* cap=msix: one named capability */
	/*
	 * 0x80-0x8f (both ends included), 0x80 (the dword, when 4-aligned) or
	 * 0x81 (that byte).  A narrower range is the more specific one.
	 */
	VG_WHERE_RANGE,
};

struct vg_where {
	enum vg_where_kind kind;
	__u16 first; /* byte offset, 0 to 4095 */
	__u16 last; /* byte offset, included */
	__u16 cap; /* capability id */
	bool ext; /* an extended capability */
};

struct vg_rule {
	struct vg_pos pos;
	__u16 scope_column; /* where the device stands in the line, 0 unknown */
	__u16 where_column; /* 0: no place written */
	__u16 value_column; /* 0: no value= written */
	enum vg_verdict verdict; /* VG_ALLOW or VG_BLOCK */
	unsigned int access; /* bit VG_READ, bit VG_WRITE: 1 r, 2 w, 3 rw */
	bool audit;
	struct vg_scope scope;
	struct vg_where where;
	bool has_value; /* the rule holds only for writes of this value */
	__u32 value; /* of the register the range names, low byte first */
	__u32 value_mask; /* 1 bits are compared, others ignored */
	bool has_write_mask; /* of an allowed write: bits it may change */
	__u32 write_mask;
	enum vg_read_kind read;
	__u32 read_value; /* of VG_READ_CONST */
	char key[VG_KEY_LEN]; /* for ausearch -k, "" when none */
};

struct vg_policy {
	char *name; /* the file it was read from */
	enum vg_mode mode;
	struct vg_pos mode_pos; /* .file NULL: not written, as built in */
	struct vg_default defaults[VG_REGIONS][VG_ACCESSES];
	struct vg_pos default_pos[VG_REGIONS][VG_ACCESSES]; /* the same */
	__u32 rate; /* events a second and device */
	__u32 burst;
	struct vg_pos rate_pos; /* the same */
	bool stock_value; /* on stock kernels rules about values block */
	struct vg_pos stock_value_pos; /* .file NULL: not written */
	struct vg_rule *rules; /* in the order they stand */
	size_t nr_rules;
	size_t room;
	char **files; /* every file read, includes too */
	size_t nr_files;
	char **strings; /* other strings the rules point to */
	size_t nr_strings;
};

/* One finding about a policy text. */
enum vg_severity {
	VG_ERROR, /* the policy is refused */
	VG_WARNING,
	VG_NOTE,
	VG_SEVERITIES,
};

struct vg_finding {
	enum vg_severity severity;
	struct vg_pos pos;
	struct vg_pos other; /* of a contradiction; .file NULL when unused */
	char *what; /* one sentence without a full stop */
	char *hint; /* how to mend it, or NULL */
};

/* Kept of each severity; who mends those sees the next. */
#define VG_FINDINGS_KEPT 200

struct vg_findings {
	struct vg_finding *list;
	size_t nr; /* of list; those beyond VG_FINDINGS_KEPT are only counted */
	size_t room;
	size_t errors; /* all of them, like count[VG_ERROR] */
	size_t count[VG_SEVERITIES];
	struct vg_finding not_kept; /* what vg_finding_add() returns of those */
};

/**
 * vg_policy_init() - the policy of an empty file
 * @policy: set to enforce, block w unassigned audit, allow everything else,
 *          rate 10 burst 100; to be freed with vg_policy_free()
 */
void vg_policy_init(struct vg_policy *policy);

/**
 * vg_policy_new_rule() - room for one more rule
 * @policy: its array of rules may move
 *
 * The rule is all zeros and not yet counted: fill it in, then add one to
 * policy->nr_rules.
 * Return: the rule, or NULL when memory ran out.
 */
struct vg_rule *vg_policy_new_rule(struct vg_policy *policy);

/**
 * vg_policy_read() - read a policy and all it includes
 * @path: file, or a directory whose *.policy files are read in numeric order
 * @policy: filled in; to be freed with vg_policy_free() also after an error
 * @findings: gets every mistake, not just the first
 *
 * Return: 0, or -EINVAL when there was at least one error (the policy must not
 * be used), or -ENOMEM.  A file that can't be read is a finding like another.
 */
int vg_policy_read(const char *path, struct vg_policy *policy,
		   struct vg_findings *findings);

/**
 * vg_policy_parse() - the same from memory
 * @name: shown as the file in positions
 * @text: need not end in NUL; NUL inside is an error like any other
 * @len: bytes of @text
 */
int vg_policy_parse(const char *name, const char *text, size_t len,
		    struct vg_policy *policy, struct vg_findings *findings);

void vg_policy_free(struct vg_policy *policy);

/**
 * vg_finding_add() - note one finding
 * @findings: list, grows up to VG_FINDINGS_KEPT of each severity
 * @severity: VG_ERROR counts in findings->errors
 * @pos: where
 * @hint: how to mend it, or NULL; copied
 * @fmt: printf format of the sentence; of a long one the middle is left out
 *
 * Return: the finding, to fill in .other, or NULL when memory ran out.
 */
__attribute__((format(printf, 5, 6))) struct vg_finding *
vg_finding_add(struct vg_findings *findings, enum vg_severity severity,
	       const struct vg_pos *pos, const char *hint, const char *fmt,
	       ...);
struct vg_finding *vg_finding_vadd(struct vg_findings *findings,
				   enum vg_severity severity,
				   const struct vg_pos *pos, const char *hint,
				   const char *fmt, va_list args);

/**
 * vg_findings_count() - how many findings of one severity there are
 *
 * Also those that were not kept.
 */
size_t vg_findings_count(const struct vg_findings *findings,
			 enum vg_severity severity);

/* In the order of the text: by file as first met, line and column. */
void vg_findings_sort(struct vg_findings *findings);

/* "error", "warning" or "note" */
const char *vg_severity_name(enum vg_severity severity);

/* From now on print those alone that are as severe as @least. */
void vg_findings_show(enum vg_severity least);

/*
 * Print findings as compilers do: file:line:column: error: what, the line with
 * a caret below the column when the file can still be read, then the hint.
 */
void vg_findings_print(const struct vg_findings *findings, FILE *out);
void vg_findings_free(struct vg_findings *findings);

/* An access as the evaluator sees it. */
struct vg_query {
	__u16 vendor;
	__u16 device;
	__u16 subvendor; /* 0: unknown, matches no subsys rule */
	__u16 subdevice;
	__u32 class;
	__u64 slot; /* VG_SLOT_NONE: unknown, matches no slot rule */
	const char *owner; /* cgroup path or NULL */
	__u16 offset;
	__u8 size; /* 1, 2 or 4, not across a dword */
	enum vg_access access;
	bool has_value;
	__u32 value; /* of a write */
	enum vg_where_kind where; /* header, caps, vendor or unassigned */
	__u16 cap;
	bool ext;
};

/* Whose default holds for an access that no rule is for. */
enum vg_region vg_query_region(const struct vg_query *query);

struct vg_answer {
	enum vg_verdict verdict;
	bool audit;
	const struct vg_rule *rule; /* NULL: the default decided */
	enum vg_region region; /* whose default, when @rule is NULL */
	bool by_default; /* the default decided at least one byte */
	__u32 write_mask; /* of an allowed write: bits of its data that pass */
	__u32 read_value; /* of a blocked read: what is returned */
	__u32 read_last; /* bits of it that are what was last written */
};

/**
 * vg_policy_eval() - what the policy says about one access
 *
 * Specificity decides, never order: slot, owner, subsys, device, vendor, class,
 * any; at the same scope register range, named capability, kind of region,
 * unassigned and vendor together, any; at the same place a rule with a value
 * that matches before one without.  Of two classes the longer, of two owners
 * the deeper, of two ranges the narrower is more specific.
 *
 * Each byte of the access is decided on its own; the access is blocked when one
 * of its bytes is.  A value= rule looks at the bytes the write presents: a
 * write that leaves out a byte the value's mask names matches a block rule (it
 * could be a part of the value) and no allow rule; when it matches rules for
 * different values, block beats allow.  A write whose value the query does not
 * give matches no value= rule.
 *
 * The answer is what the rules say: policy->mode is not looked at, so it is
 * VG_BLOCK in monitor mode too.
 */
void vg_policy_eval(const struct vg_policy *policy,
		    const struct vg_query *query, struct vg_answer *answer);

/**
 * vg_rule_rank() - how specific a rule is
 *
 * Return: a number; of two rules that match an access the higher decides.
 */
__u64 vg_rule_rank(const struct vg_rule *rule);

/**
 * vg_where_in_region() - may a byte of the region be one of a rule's?
 */
bool vg_where_in_region(const struct vg_where *where, enum vg_region region);

/**
 * vg_scope_format() - a DEVICE as it is written in a policy
 * vg_where_format() - a WHERE, "" for unassigned and vendor together
 * vg_rule_format() - a rule as one line without its end
 * @buf: always ends in NUL when @len isn't 0
 * @len: bytes of @buf; 256 hold any rule without an owner
 *
 * The text parses back to the same rule.
 * Return: the length the text has, as snprintf() does.
 */
int vg_scope_format(const struct vg_scope *scope, char *buf, size_t len);
int vg_where_format(const struct vg_where *where, char *buf, size_t len);
int vg_rule_format(const struct vg_rule *rule, char *buf, size_t len);

/* Holds any rule that can be loaded. */
#define VG_RULE_TEXT 512

/* The same for people: of an owner that can't be loaded the middle is left out. */
const char *vg_rule_show(const struct vg_rule *rule, char buf[VG_RULE_TEXT]);

/* A default line: "default block w unassigned audit". */
int vg_default_format(enum vg_region region, enum vg_access access,
		      const struct vg_default *def, char *buf, size_t len);

/* "unassigned", "vendor" or "other" */
const char *vg_region_name(enum vg_region region);

/**
 * vg_policy_hash() - a number for what a policy says
 *
 * The same for the same statements in the same order, however they are written
 * and in whatever file; the next is likely to be another.
 *
 * Return: the number, never 0.
 */
__u64 vg_policy_hash(const struct vg_policy *policy);

/**
 * vg_policy_format() - write a whole policy as one text without includes
 *
 * Return: 0, or -EIO when writing failed.
 */
int vg_policy_format(const struct vg_policy *policy, FILE *out);

#endif
