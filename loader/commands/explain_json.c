// SPDX-License-Identifier: GPL-2.0-only
/* An explanation as programs read it. */
#include "answer/explain.h"
#include "commands/explain_words.h"
#include "policy/caps.h"
#include "util/pci_ids.h"
#include "util/words.h"

/* What passes of a write's data: in monitor mode all of it. */
static __u32 passing(const struct vg_query *query, const struct vg_explained *e)
{
	if (e->verdict == VG_BLOCK)
		return 0;
	return e->mode == VG_MODE_MONITOR ? all_bits(query) : e->write_mask;
}

static void json_cap(const struct vg_question *question, struct vg_json *json)
{
	const struct vg_query *query = &question->query;
	const struct vg_spot *spot = question->spot;
	const struct vg_layout_cap *in = NULL;
	const struct vg_cap *cap;
	__u16 id = query->cap;
	bool ext = query->ext;

	if (spot && spot->cap)
		in = spot->cap;
	else if (spot)
		in = question->body;
	if (in) {
		id = in->id;
		ext = in->ext;
	} else if (spot || !id) {
		return;
	}
	cap = vg_cap_by_id(id, ext);
	vg_json_object(json, "capability");
	vg_json_u64(json, "id", id);
	vg_json_bool(json, "extended", ext);
	vg_json_string(json, "name", cap ? cap->name : NULL);
	vg_json_string(json, "title", cap ? cap->title : NULL);
	if (in) {
		vg_json_u64(json, "offset", in->offset);
		vg_json_bool(json, "hidden", in->hidden);
		/* What rules are asked with. */
		if (spot->cap)
			vg_json_u64(json, "taken_for", spot->id);
	}
	vg_json_object_end(json);
}

/* The members of an answer. */
static void json_answer(const struct vg_query *query,
			const struct vg_explained *e, struct vg_json *json)
{
	vg_json_string(json, "verdict", vg_verdict_word(e->verdict));
	vg_json_string(json, "rules_say",
		       e->rules_say == VG_BLOCK ? "block" : "allow");
	vg_json_string(json, "rule",
		       e->asked || e->why.reason == VG_REASON_NATIVE ?
			       vg_reason_word(e->why.reason) :
			       "not-asked");
	if (e->why.text[0])
		vg_json_string(json, "text", e->why.text);
	if (e->why.file[0]) {
		vg_json_string(json, "file", e->why.file);
		vg_json_u64(json, "line", e->why.line);
	}
	if (e->why.key[0])
		vg_json_string(json, "key", e->why.key);
	vg_json_bool(json, "audit", e->audit);
	vg_json_string(json, "mode",
		       e->mode == VG_MODE_MONITOR ? "monitor" : "enforce");
	if (is_write(query))
		vg_json_u64(json, "write_mask", passing(query, e));
	if (!is_write(query) && e->rules_say == VG_BLOCK) {
		vg_json_u64(json, "read_value", e->read_value);
		vg_json_u64(json, "read_last", e->read_last);
	}
	if (e->left_to_native)
		vg_json_string(json, "module_parameters",
			       e->native == VG_NATIVE_OPEN  ? "open" :
			       e->native == VG_NATIVE_BLOCK ? "block" :
							      "unknown");
}

static void json_unsaid(unsigned int unsaid, struct vg_json *json)
{
	static const char *const words[] = { "class", "subsys", "slot",
					     "owner", "value",	"region" };
	size_t i;

	vg_json_array(json, "left_out");
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (unsaid & 1U << i)
			vg_json_string(json, NULL, words[i]);
	vg_json_array_end(json);
}

static void json_source(const struct vg_question *question,
			const struct vg_explain_source *source,
			struct vg_json *json)
{
	const struct vg_differences *d = source->differences;
	size_t i;

	vg_json_string(json, "policy", source->policy);
	vg_json_bool(json, "loaded", source->config);
	if (!source->config)
		return;
	vg_json_u64(json, "generation", source->config->generation);
	vg_json_bool(json, "attached", source->attached);
	vg_json_object(json, "differs");
	vg_json_string(json, "not_compared", source->not_compared);
	if (!source->not_compared) {
		vg_json_bool(json, "file_changed", d->file_changed);
		vg_json_bool(json, "lines_moved", d->lines_moved);
		vg_json_u64(json, "count", d->nr);
		vg_json_array(json, "list");
		for (i = 0; i < VG_DIFFERENCES_SHOWN && d->texts[i]; i++)
			vg_json_string(json, NULL, d->texts[i]);
		vg_json_array_end(json);
	}
	vg_json_object_end(json);
	if (!source->file)
		return;
	vg_json_object(json, "file_says");
	json_answer(&question->query, source->file, json);
	vg_json_object_end(json);
}

void vg_explain_json(const struct vg_question *question,
		     const struct vg_explained *e,
		     const struct vg_explain_source *source,
		     struct vg_json *json)
{
	const struct vg_query *query = &question->query;
	char vendor[128], device[128];

	vg_json_document(json, NULL, VG_JSON_EXPLAIN);
	json_answer(query, e, json);
	if (question->function)
		vg_json_string(json, "device", question->function->bdf);
	vg_json_format(json, "vendor_id", "%04x", query->vendor);
	vg_json_format(json, "device_id", "%04x", query->device);
	vg_json_string(json, "vendor_name",
		       vg_pci_vendor_name(query->vendor, vendor,
					  sizeof(vendor)));
	vg_json_string(json, "device_name",
		       vg_pci_device_name(query->vendor, query->device, device,
					  sizeof(device)));
	vg_json_string(json, "access", vg_access_word(query->access));
	vg_json_u64(json, "offset", query->offset);
	vg_json_u64(json, "size", query->size);
	if (query->has_value)
		vg_json_u64(json, "data", query->value);
	vg_json_string(json, "region", region_word(query));
	json_cap(question, json);
	json_unsaid(e->unsaid, json);
	json_source(question, source, json);
	vg_json_object_end(json);
}
