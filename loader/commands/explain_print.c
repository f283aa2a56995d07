// SPDX-License-Identifier: GPL-2.0-only
/* An explanation as people read it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/explain.h"
#include "commands/explain_words.h"
#include "policy/caps.h"
#include "util/pci_ids.h"
#include "util/printable.h"
#include "util/words.h"

#define LINE 768
#define NO_ID 0xffff

__attribute__((format(printf, 2, 3))) static void line(const char *label,
						       const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	printf("  %-8s ", label);
	/* Files and cgroups have the names that others gave them. */
	vg_put_printable(text ? text : "?", stdout);
	putchar('\n');
	free(text);
}

/* --- The parts of the text -------------------------------------------------- */

/* "0000:01:00.0 [8086:10d3] Intel Corporation 82574L", as far as known. */
static void device_text(const struct vg_question *question, char *buf,
			size_t len)
{
	const struct vg_query *query = &question->query;
	char vendor[128] = "", device[128] = "";

	if (query->vendor == NO_ID) {
		snprintf(buf, len, "a device that no rule names");
		return;
	}
	vg_pci_vendor_name(query->vendor, vendor, sizeof(vendor));
	vg_pci_device_name(query->vendor, query->device, device,
			   sizeof(device));
	snprintf(buf, len, "%s%s%04x:%04x%s%s%s%s%s",
		 question->function ? question->function->bdf : "",
		 question->function ? " [" : "", query->vendor, query->device,
		 question->function ? "]" : "", vendor[0] ? " " : "", vendor,
		 device[0] ? " " : "", device);
}

/* "msix (MSI-X)", or its number where it has no name */
static void cap_text(__u16 id, bool ext, char *buf, size_t len)
{
	const struct vg_cap *cap = vg_cap_by_id(id, ext);

	if (cap)
		snprintf(buf, len, "%s (%s)", cap->name, cap->title);
	else
		snprintf(buf, len, "%s 0x%02x", ext ? "ecap" : "cap", id);
}

/* Of an unassigned byte that is one of a capability's. */
static void body_text(const struct vg_question *question, char *buf, size_t len)
{
	const struct vg_layout_cap *body = question->body;
	char cap[128];

	cap_text(body->id, body->ext, cap, sizeof(cap));
	if (!body->hidden)
		snprintf(buf, len,
			 "unassigned, in the part of the capability %s at "
			 "0x%02x that vfio does not show",
			 cap, body->offset);
	else
		snprintf(buf, len,
			 "unassigned, in the capability %s at 0x%02x, which "
			 "vfio hides%s",
			 cap, body->offset,
			 question->sure ? "" : ", or behind it");
}

/* Of a byte in a capability. */
static void spot_text(const struct vg_spot *spot, char *buf, size_t len)
{
	const struct vg_layout_cap *in = spot->cap;
	bool other = spot->id != in->id || spot->ext != in->ext;
	char cap[128], taken[128] = "";

	cap_text(in->id, in->ext, cap, sizeof(cap));
	if (other)
		cap_text(spot->id, spot->ext, taken, sizeof(taken));
	snprintf(buf, len, "the capability %s at 0x%02x-0x%02x%s%s", cap,
		 in->offset, in->offset + in->length - 1,
		 other ? ", which vfio takes for " : "", taken);
}

static void place_text(const struct vg_question *question, char *buf,
		       size_t len)
{
	const struct vg_query *query = &question->query;
	const struct vg_spot *spot = question->spot;
	char cap[128];

	if (query->where == VG_WHERE_HEADER) {
		snprintf(buf, len, "the header");
	} else if (spot && spot->cap) {
		spot_text(spot, buf, len);
	} else if (spot && question->body) {
		body_text(question, buf, len);
	} else if (spot) {
		snprintf(buf, len, "unassigned, in no capability");
	} else if (query->cap) {
		cap_text(query->cap, query->ext, cap, sizeof(cap));
		snprintf(buf, len, "the capability %s", cap);
	} else if (query->where == VG_WHERE_UNASSIGNED) {
		snprintf(buf, len, "unassigned%s",
			 question->unsaid & VG_UNSAID_REGION ?
				 " (taken for that)" :
				 "");
	} else {
		snprintf(buf, len, "some %s", region_word(query));
	}
}

/* What the reader of a blocked read gets. */
static void read_text(const struct vg_query *query,
		      const struct vg_explained *e, char *buf, size_t len)
{
	int digits = 2 * query->size;

	if (!e->read_last)
		snprintf(buf, len, "the reader gets 0x%0*x", digits,
			 e->read_value);
	else if (e->read_last == all_bits(query))
		snprintf(buf, len,
			 "the reader gets what it last wrote there, "
			 "0 before that");
	else
		snprintf(
			buf, len,
			"the reader gets 0x%0*x, with what it last wrote there "
			"in the bits 0x%0*x",
			digits, e->read_value, digits, e->read_last);
}

static void block_text(const struct vg_query *query,
		       const struct vg_explained *e, char *buf, size_t len)
{
	if (is_write(query))
		snprintf(buf, len, "the write is dropped and looks done");
	else
		read_text(query, e, buf, len);
}

/* Of a masked write. */
static void mask_text(const struct vg_query *query,
		      const struct vg_explained *e, char *buf, size_t len)
{
	int digits = 2 * query->size, n;

	n = snprintf(
		buf, len,
		"only the bits 0x%0*x are written, the others stay as the device has them",
		digits, e->write_mask);
	if (query->has_value && (size_t)n < len)
		snprintf(buf + n, len - n, "; of this, 0x%0*x is written",
			 digits, query->value & e->write_mask);
}

static void effect_text(const struct vg_query *query,
			const struct vg_explained *e, char *buf, size_t len)
{
	bool masked = is_write(query) && e->rules_say == VG_ALLOW &&
		      e->write_mask != all_bits(query);
	bool raw = query->where == VG_WHERE_UNASSIGNED ||
		   query->where == VG_WHERE_VENDOR;
	const char *on = raw ? "it goes on to the device" :
			       "it goes on to vfio's own handling of the place";
	char rest[256];

	if (e->verdict == VG_BLOCK) {
		block_text(query, e, buf, len);
	} else if (e->verdict == VG_WOULD_BLOCK) {
		block_text(query, e, rest, sizeof(rest));
		snprintf(buf, len,
			 "%s, since the mode is monitor; enforced, %s", on,
			 rest);
	} else if (masked && e->mode == VG_MODE_MONITOR) {
		mask_text(query, e, rest, sizeof(rest));
		snprintf(buf, len,
			 "%s as it is, since the mode is monitor; enforced, %s",
			 on, rest);
	} else if (masked) {
		mask_text(query, e, buf, len);
	} else {
		snprintf(buf, len, "%s", on);
	}
}

/* "allow-list entry 8086:10d3 allow rw" */
static void why_text(const struct vg_why *why, char *buf, size_t len)
{
	const char *what = "";

	if (why->reason == VG_REASON_DEVICE || why->reason == VG_REASON_VENDOR)
		what = "allow-list entry ";
	snprintf(buf, len, "%s%s", what,
		 why->text[0] ? why->text : "a rule without a text");
}

static void at_text(const struct vg_why *why, char *buf, size_t len)
{
	snprintf(buf, len, "%s:%u%s%s", why->file, why->line,
		 why->key[0] ? ", key " : "", why->key);
}

static void print_why(const struct vg_question *question,
		      const struct vg_explained *e,
		      const struct vg_explain_source *source)
{
	const char *parameter = vg_native_parameter(question->query.access);
	char text[LINE];

	why_text(&e->why, text, sizeof(text));
	if (e->why.reason == VG_REASON_NATIVE) {
		line("by", "%s=1 of vfio-pci-core", parameter);
		if (e->asked)
			line("", "the policy leaves it to that: %s", text);
	} else if (source->config && !source->attached) {
		line("by", "nobody: the policy was detached by someone else");
	} else if (!e->asked) {
		line("by", "nobody: the policy says nothing about such places, "
			   "so the kernel does not ask it");
	} else {
		line("by", "%s", text);
	}
	if (e->why.file[0]) {
		at_text(&e->why, text, sizeof(text));
		line("at", "%s", text);
	} else if (e->asked && e->why.reason == VG_REASON_DEFAULT &&
		   !source->config) {
		line("at", "built in, no line of the policy sets it");
	}
	if (e->left_to_native && e->native == VG_NATIVE_UNKNOWN)
		line("unless",
		     "%s=1 of vfio-pci-core is set, which decides "
		     "where a default allows",
		     parameter);
}

/* --- The loaded policy and its file ---------------------------------------- */

static bool same_answer(const struct vg_explained *a,
			const struct vg_explained *b)
{
	return a->rules_say == b->rules_say && a->audit == b->audit &&
	       a->mode == b->mode && a->write_mask == b->write_mask &&
	       a->read_value == b->read_value && a->read_last == b->read_last;
}

/* Of the file, what it decides the access by now. */
static void print_file(const struct vg_question *question,
		       const struct vg_explained *e,
		       const struct vg_explained *file)
{
	char text[LINE], effect[LINE], at[LINE];

	why_text(&file->why, text, sizeof(text));
	at_text(&file->why, at, sizeof(at));
	if (!same_answer(e, file) && e->why.reason != VG_REASON_NATIVE &&
	    e->asked && !e->learning) {
		effect_text(&question->query, file, effect, sizeof(effect));
		line("file", "says otherwise: %s, %s, %s",
		     vg_verdict_word(file->verdict), effect,
		     file->audit ? "reported" : "not reported");
		line("", "by %s", text);
		if (file->why.file[0])
			line("", "at %s", at);
	} else if (e->why.reason == VG_REASON_DEVICE ||
		   e->why.reason == VG_REASON_VENDOR ||
		   (e->asked && e->why.reason == VG_REASON_DEFAULT)) {
		/* The maps do not know their lines. */
		if (file->why.file[0])
			line("at", "%s", at);
		else
			line("at", "built in, no line of the policy sets it");
	}
}

static void print_differences(const struct vg_differences *d)
{
	size_t i;

	if (d->file_changed)
		line("differs", "the file has changed since it was loaded");
	else if (d->lines_moved)
		line("differs", "lines of the file have moved since it was "
				"loaded");
	if (!d->nr) {
		if (!d->file_changed && !d->lines_moved)
			line("differs", "no, the maps are as the file says");
		return;
	}
	line("differs",
	     "%zu thing%s in the maps %s not as the file says:", d->nr,
	     d->nr == 1 ? "" : "s", d->nr == 1 ? "is" : "are");
	for (i = 0; i < VG_DIFFERENCES_SHOWN && d->texts[i]; i++)
		line("", "%s", d->texts[i]);
	if (d->nr > i)
		line("", "and %zu more", d->nr - i);
}

static void print_policy(const struct vg_explained *e,
			 const struct vg_explain_source *source)
{
	const char *mode = e->mode == VG_MODE_MONITOR ? "monitor" : "enforce";

	if (!source->config) {
		line("policy", "%s, mode %s, as written", source->policy, mode);
		return;
	}
	line("policy", "%s, mode %s%s, loaded, generation %llu", source->policy,
	     mode, e->learning ? " (learning)" : "",
	     source->config->generation);
	if (source->not_compared)
		line("differs", "not known: %s", source->not_compared);
	else
		print_differences(source->differences);
}

static void print_notes(const struct vg_explained *e)
{
	static const struct {
		enum vg_unsaid bit;
		const char *text;
	} notes[] = {
		{ VG_UNSAID_REGION,
		  "what lies there differs from device to device; say "
		  "--region, or give a PCI address" },
		{ VG_UNSAID_CLASS, "rules for a class= are left out; say "
				   "--class" },
		{ VG_UNSAID_SUBSYS, "rules for a subsys= are left out; say "
				    "--subsys" },
		{ VG_UNSAID_SLOT, "rules for a slot= are left out; say --slot, "
				  "or give a PCI address" },
		{ VG_UNSAID_OWNER, "rules for an owner= are left out; say "
				   "--owner" },
		{ VG_UNSAID_VALUE, "rules for a value= are left out; say "
				   "which value is written" },
	};
	size_t i;

	for (i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (e->unsaid & notes[i].bit)
			line("note", "%s", notes[i].text);
}

void vg_explain_print(const struct vg_question *question,
		      const struct vg_explained *e,
		      const struct vg_explain_source *source)
{
	const struct vg_query *query = &question->query;
	char device[320], text[LINE], data[24] = "";

	device_text(question, device, sizeof(device));
	if (query->has_value)
		snprintf(data, sizeof(data), " of 0x%0*x", 2 * query->size,
			 query->value);
	printf("%s: %s%s at 0x%02x (%u byte%s) of %s\n",
	       vg_verdict_word(e->verdict), vg_access_word(query->access), data,
	       query->offset, query->size, query->size == 1 ? "" : "s", device);
	print_why(question, e, source);
	if (source->file)
		print_file(question, e, source->file);
	effect_text(query, e, text, sizeof(text));
	line("effect", "%s", text);
	line("report", "%s",
	     e->audit ? "the first access by each process is reported" :
			"none");
	place_text(question, text, sizeof(text));
	line("place", "%s", text);
	print_policy(e, source);
	print_notes(e);
}
