// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "force/lock_state.h"
#include "util/log.h"

int vg_lock_call(int ctl, struct vg_lock_ask *ask)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int ret;

	opts.ctx_in = ask;
	opts.ctx_size_in = sizeof(*ask);
	/* The kernel writes it back there. */
	ret = bpf_prog_test_run_opts(ctl, &opts);
	return ret ? ret : ask->result;
}

bool vg_lock_pinned(void)
{
	return !access(VG_LOCK_CTL, F_OK);
}

int vg_lock_open_ctl(void)
{
	return bpf_obj_get(VG_LOCK_CTL);
}

int vg_lock_open_attempts(void)
{
	return bpf_obj_get(VG_LOCK_ATTEMPTS);
}

bool vg_lock_read(struct vg_lock_ask *state)
{
	int ctl, ret;

	*state = (struct vg_lock_ask){ .cmd = VG_LOCK_CMD_STATE };
	ctl = vg_lock_open_ctl();
	if (ctl < 0)
		return false;
	ret = vg_lock_call(ctl, state);
	close(ctl);
	return !ret;
}

bool vg_lock_sealed(void)
{
	struct vg_lock_ask state;

	return vg_lock_pinned() && vg_lock_read(&state) &&
	       state.phase == VG_LOCK_SEALED;
}

enum vg_exit vg_lock_check(void)
{
	if (!vg_lock_sealed())
		return VG_EXIT_OK;
	vg_error("the policy is locked: it can't be changed or taken out of "
		 "force before the next boot");
	return VG_EXIT_LOCKED;
}

void vg_lock_remove_pins(void)
{
	struct vg_lock_ask ask = { .cmd = VG_LOCK_CMD_GIVE_UP };
	int ctl = vg_lock_open_ctl();
	const struct dirent *entry;
	DIR *dir;

	if (ctl >= 0) {
		vg_lock_call(ctl, &ask);
		close(ctl);
	}
	dir = opendir(VG_PIN_DIR);
	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, VG_LOCK_PIN, strlen(VG_LOCK_PIN)))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

enum vg_exit vg_lock_settle(void)
{
	enum vg_exit ret = vg_lock_check();

	if (!ret && vg_lock_pinned())
		vg_lock_remove_pins();
	return ret;
}

int vg_lock_beat(int ctl)
{
	struct vg_lock_ask ask = { .cmd = VG_LOCK_CMD_BEAT };

	return vg_lock_call(ctl, &ask);
}
