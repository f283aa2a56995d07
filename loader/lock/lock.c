// SPDX-License-Identifier: GPL-2.0-only
/* Use of a lock that is there; lock_set.c makes it. */
#include <bpf/bpf.h>
#include <errno.h>
#include <unistd.h>

#include "lock/lock.h"
#include "lock/lock_set.h"
#include "util/log.h"
#include "maps/store.h"

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

int vg_lock_beat(int ctl)
{
	struct vg_lock_ask ask = { .cmd = VG_LOCK_CMD_BEAT };

	return vg_lock_call(ctl, &ask);
}
