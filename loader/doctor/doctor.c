// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "doctor/internal.h"
#include "force/lock_state.h"
#include "util/log.h"

static void open_policy(struct vg_host *host)
{
	enum vg_exit ret;
	int err;

	vg_log_keep(host->why_not, sizeof(host->why_not));
	ret = vg_store_open(&host->store);
	if (!ret)
		ret = vg_store_hook(&host->store, &host->regions);
	if (!ret) {
		err = vg_loaded_read(&host->store, &host->maps);
		if (err)
			vg_error("the loaded policy can't be read: %s",
				 strerror(-err));
		ret = err ? VG_EXIT_FAILURE : VG_EXIT_OK;
	}
	vg_log_keep(NULL, 0);
	host->locked = vg_lock_sealed();
	if (ret == VG_EXIT_NOT_LOADED)
		host->why_not[0] = '\0';
	host->loaded = !ret;
	host->config = host->maps.config;
	host->config.name[sizeof(host->config.name) - 1] = '\0';
}

int vg_doctor_look(struct vg_diagnoses *diagnoses)
{
	struct vg_host *host = calloc(1, sizeof(*host));
	struct utsname u;

	if (!host)
		return -ENOMEM;
	host->out = diagnoses;
	host->store = (struct vg_store)VG_STORE_CLOSED;
	if (!uname(&u))
		snprintf(host->release, sizeof(host->release), "%s", u.release);
	vg_check_config(host);
	open_policy(host);
	vg_check_kernel(host);
	vg_check_module(host);
	vg_check_door(host);
	vg_check_policy(host);
	vg_check_service(host);
	vg_check_audit(host);
	vg_check_devices(host);
	vg_loaded_free(&host->maps);
	vg_store_close(&host->store);
	free(host);
	return diagnoses->err;
}
