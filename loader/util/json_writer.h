/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * JSON written as it comes: no tree, no memory, any depth up to 64.
 */
#ifndef VFIOGUARD_UTIL_JSON_WRITER_H
#define VFIOGUARD_UTIL_JSON_WRITER_H

#include <stdbool.h>
#include <stdio.h>

#include <linux/types.h>

struct vg_json {
	FILE *out;
	unsigned int depth;
	__u64 has_member; /* bit of a depth: a comma goes before the next */
	bool indent; /* one member a line; otherwise all on one line */
};

/**
 * vg_json_start() - begin a document
 * @indent: lines and tabs for people; false for one document a line
 *
 * In all functions below @name is the member's name, or NULL in an array and at
 * the top.
 */
void vg_json_start(struct vg_json *json, FILE *out, bool indent);

/**
 * vg_json_end() - finish the document with a newline
 *
 * Return: 0, or -EIO when anything could not be written.
 */
int vg_json_end(struct vg_json *json);

/*
 * The documents that programs may rely on, each with its version: docs/schema/README.md
 * says when which number goes up, docs/schema/NAME.json what is in them.
 */
#define VG_JSON_CHECK "check", "1.0"
#define VG_JSON_DEVICES "devices", "1.0"
#define VG_JSON_DOCTOR "doctor", "1.0"
#define VG_JSON_EVENT "event", "1.0"
#define VG_JSON_EXPLAIN "explain", "1.1"
#define VG_JSON_LEARNED "learned", "1.0"
#define VG_JSON_LEARN_STATUS "learn-status", "1.0"
#define VG_JSON_NOT_IN_AUDIT "not-in-audit", "1.0"
#define VG_JSON_STATUS "status", "1.0"
#define VG_JSON_SUGGEST "suggest", "1.0"

/**
 * vg_json_document() - begin an object that says what it is
 *
 * To be called as vg_json_document(json, name, VG_JSON_STATUS), and ended with
 * vg_json_object_end().
 */
void vg_json_document(struct vg_json *json, const char *name,
		      const char *schema, const char *version);

void vg_json_object(struct vg_json *json, const char *name);
void vg_json_object_end(struct vg_json *json);
void vg_json_array(struct vg_json *json, const char *name);
void vg_json_array_end(struct vg_json *json);

/**
 * vg_json_string() - a string
 * @value: NULL gives null.  Control bytes are escaped; bytes that are no UTF-8
 *         become U+FFFD, so that the document is valid whatever a guest wrote.
 */
void vg_json_string(struct vg_json *json, const char *name, const char *value);

/* A string of @len bytes, which may hold NUL. */
void vg_json_bytes(struct vg_json *json, const char *name, const char *value,
		   size_t len);

void vg_json_u64(struct vg_json *json, const char *name, __u64 value);
void vg_json_bool(struct vg_json *json, const char *name, bool value);
void vg_json_null(struct vg_json *json, const char *name);

/* A number as a string of the given printf format: "0x%04x", "%02x". */
__attribute__((format(printf, 3, 4))) void
vg_json_format(struct vg_json *json, const char *name, const char *fmt, ...);

#endif
