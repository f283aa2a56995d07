// SPDX-License-Identifier: GPL-2.0-only
/* The policy behind the hook of the patched vfio-pci-core: one struct_ops link. */
#include <bpf/bpf.h>
#include <errno.h>

#include "force/object.h"
#include "force/pins.h"
#include "vfioguard.skel.h"

static int open_object(struct vg_object *o, const struct vg_hook *hook,
		       const struct vg_config *config, __u64 generation)
{
	struct vfioguard_bpf *skel = vfioguard_bpf__open();

	if (!skel)
		return -errno;
	skel->struct_ops.vfioguard->regions = config->regions;
	skel->rodata->plan_parity = generation & 1;
	skel->rodata->learning = config->learn;
	skel->rodata->uses_last = config->uses_last;
	skel->rodata->locked_down = hook->locked_down;
	o->skel = skel;
	o->obj = skel->obj;
	return 0;
}

static int put_first(struct vg_object *o)
{
	struct vfioguard_bpf *skel = o->skel;
	struct bpf_link *link;
	int ret;

	link = bpf_map__attach_struct_ops(skel->maps.vfioguard);
	if (!link)
		return -errno;
	ret = bpf_link__pin(link, VG_PIN("link"));
	/* Unpinned it detaches with this. */
	bpf_link__destroy(link);
	return ret;
}

/*
 * Make the ops ready for an update of the link.  The one public call that hands
 * them to the kernel also tries to attach them, and is refused by the hook
 * because the old policy holds the place; that is the good case here.
 */
static int register_ops(struct vfioguard_bpf *skel)
{
	struct bpf_link *link;

	link = bpf_map__attach_struct_ops(skel->maps.vfioguard);
	if (link) {
		bpf_link__destroy(link);
		return -ENOLINK;
	}
	return errno == EBUSY ? 0 : -errno;
}

static int replace(struct vg_object *o, int link)
{
	struct vfioguard_bpf *skel = o->skel;
	int ret = register_ops(skel);

	return ret ? ret :
		     bpf_link_update(link, bpf_map__fd(skel->maps.vfioguard),
				     NULL);
}

static int withdraw(int link)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);

	if (!bpf_link_detach(link))
		return 0;
	/* Detached by someone else already is as good. */
	return bpf_link_get_info_by_fd(link, &info, &len) ||
			       info.struct_ops.map_id ?
		       -errno :
		       0;
}

static void destroy(struct vg_object *o)
{
	vfioguard_bpf__destroy(o->skel);
}

static const void *elf(size_t *len)
{
	return vfioguard_bpf__elf_bytes(len);
}

const struct vg_object_kind vg_hook_object = {
	.open = open_object,
	.first = put_first,
	.replace = replace,
	.withdraw = withdraw,
	.destroy = destroy,
	.elf = elf,
};
