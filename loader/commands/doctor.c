// SPDX-License-Identifier: GPL-2.0-only
/* vfioguard doctor: what of this host is well, what is not, and what mends it */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "doctor/doctor.h"
#include "kernel/hook.h"
#include "util/json_writer.h"
#include "util/log.h"
#include "util/printable.h"

static void print(const struct vg_diagnoses *d)
{
	static const enum vg_style styles[VG_HEALTHS] = {
		[VG_HEALTH_OK] = VG_STYLE_GOOD,
		[VG_HEALTH_WARNING] = VG_STYLE_WARN,
		[VG_HEALTH_FAULT] = VG_STYLE_BAD,
	};
	size_t i;

	for (i = 0; i < d->nr; i++) {
		const struct vg_diagnosis *one = &d->list[i];

		printf("%s%-8s%s %-14s", vg_style(stdout, styles[one->health]),
		       vg_health_word(one->health),
		       vg_style(stdout, VG_STYLE_PLAIN), one->check);
		vg_put_printable(one->text, stdout);
		putchar('\n');
		if (!one->remedy)
			continue;
		printf("%-23s-> ", "");
		vg_put_printable(one->remedy, stdout);
		putchar('\n');
	}
	printf("\n%zu ok, %zu warning%s, %zu fault%s\n", d->count[VG_HEALTH_OK],
	       d->count[VG_HEALTH_WARNING],
	       d->count[VG_HEALTH_WARNING] == 1 ? "" : "s",
	       d->count[VG_HEALTH_FAULT],
	       d->count[VG_HEALTH_FAULT] == 1 ? "" : "s");
}

static int print_json(const struct vg_diagnoses *d)
{
	struct vg_json json;
	size_t i;

	vg_json_start(&json, stdout, true);
	vg_json_document(&json, NULL, VG_JSON_DOCTOR);
	vg_json_u64(&json, "ok", d->count[VG_HEALTH_OK]);
	vg_json_u64(&json, "warnings", d->count[VG_HEALTH_WARNING]);
	vg_json_u64(&json, "faults", d->count[VG_HEALTH_FAULT]);
	vg_json_array(&json, "checks");
	for (i = 0; i < d->nr; i++) {
		const struct vg_diagnosis *one = &d->list[i];

		vg_json_object(&json, NULL);
		vg_json_string(&json, "check", one->check);
		vg_json_string(&json, "health", vg_health_word(one->health));
		vg_json_string(&json, "text", one->text);
		vg_json_string(&json, "remedy", one->remedy);
		vg_json_object_end(&json);
	}
	vg_json_array_end(&json);
	vg_json_object_end(&json);
	return vg_json_end(&json);
}

static enum vg_exit judge(const struct vg_diagnoses *d)
{
	if (d->count[VG_HEALTH_FAULT])
		return VG_EXIT_FAULT;
	return d->count[VG_HEALTH_WARNING] ? VG_EXIT_WARNING : VG_EXIT_OK;
}

int vg_cmd_doctor(int argc, char **argv)
{
	bool json = argc == 2 && !strcmp(argv[1], "--json");
	struct vg_diagnoses diagnoses = {};
	enum vg_exit ret;

	if (argc > 1 && !json)
		return vg_usage("doctor");
	ret = vg_hook_privileges();
	if (ret)
		return ret;
	if (vg_doctor_look(&diagnoses)) {
		vg_error("not all could be looked at: %s", strerror(ENOMEM));
		ret = VG_EXIT_FAILURE;
	} else {
		ret = judge(&diagnoses);
	}
	if (!json)
		print(&diagnoses);
	else if (print_json(&diagnoses))
		ret = VG_EXIT_FAILURE;
	vg_diagnoses_free(&diagnoses);
	return ret;
}
