// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfioguard allow and deny: edit the loaded allow list
 *
 * Both print the bpftool line that does the same, because that is how the list
 * is edited where this program is not at hand.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "force/lock_state.h"
#include "force/store.h"
#include "maps/devices.h"
#include "util/hex.h"
#include "util/log.h"

#define PINNED "pinned " VG_PIN_DIR "/allowlist"

/* vvvv:dddd or vvvv:*, with all four digits as in a policy */
static bool parse_id(const char *text, struct vg_device_id *id)
{
	__u32 vendor, device = VG_ANY_DEVICE;

	if (vg_hex(&text, 4, &vendor) != 4 || *text++ != ':')
		return false;
	if (strcmp(text, "*") && (vg_hex(&text, 4, &device) != 4 || *text ||
				  device == VG_ANY_DEVICE))
		return false;
	id->vendor = vendor;
	id->device = device;
	return vendor && vendor != 0xffff;
}

static void format_id(const struct vg_device_id *id, char *buf, size_t len)
{
	if (id->device == VG_ANY_DEVICE)
		snprintf(buf, len, "%04x:*", id->vendor);
	else
		snprintf(buf, len, "%04x:%04x", id->vendor, id->device);
}

/* The key as bpftool takes it: bytes in memory order. */
static void print_key(const struct vg_device_id *id)
{
	const unsigned char *b = (const unsigned char *)id;

	printf("key hex %02x %02x %02x %02x", b[0], b[1], b[2], b[3]);
}

static enum vg_exit update(const struct vg_store *store,
			   const struct vg_device_id *id, __u32 flags)
{
	const unsigned char *v = (const unsigned char *)&flags;
	char name[16], text[64];

	if (bpf_map_update_elem(store->allowlist, id, &flags, BPF_ANY)) {
		vg_error("the allow list can't be changed: %s",
			 errno == E2BIG ? "it is full" : strerror(errno));
		return VG_EXIT_FAILURE;
	}
	format_id(id, name, sizeof(name));
	vg_flags_format(flags, text, sizeof(text));
	vg_info("%s: %s; until the policy is loaded again", name, text);
	printf("bpftool map update " PINNED " ");
	print_key(id);
	printf(" value hex %02x %02x %02x %02x\n", v[0], v[1], v[2], v[3]);
	return VG_EXIT_OK;
}

static enum vg_exit allow(const struct vg_store *store,
			  const struct vg_device_id *id, __u32 flags)
{
	/* The other direction keeps what it had. */
	__u32 blocks = flags << 4 & (VG_F_BLOCK_READ | VG_F_BLOCK_WRITE);
	__u32 old = 0;

	bpf_map_lookup_elem(store->allowlist, id, &old);
	return update(store, id, (old & ~blocks) | flags);
}

static enum vg_exit deny(const struct vg_store *store,
			 const struct vg_device_id *id)
{
	char name[16], text[64];
	__u32 flags;

	format_id(id, name, sizeof(name));
	if (bpf_map_delete_elem(store->allowlist, id)) {
		if (errno == ENOENT)
			vg_error("%s is not on the allow list", name);
		else
			vg_error("the allow list can't be changed: %s",
				 strerror(errno));
		return VG_EXIT_FAILURE;
	}
	vg_info("%s is off the allow list; until the policy is loaded again",
		name);
	if (id->device != VG_ANY_DEVICE &&
	    vg_allowlist_find(store, id->vendor, id->device, &flags) ==
		    VG_REASON_VENDOR) {
		vg_flags_format(flags, text, sizeof(text));
		vg_warn("%04x:* holds for it now: %s", id->vendor, text);
	}
	printf("bpftool map delete " PINNED " ");
	print_key(id);
	putchar('\n');
	return VG_EXIT_OK;
}

/* @flags: what to allow, 0 to take the entry out. */
static enum vg_exit edit(const char *text, __u32 flags)
{
	struct vg_device_id id;
	struct vg_store store;
	enum vg_exit ret;

	if (!parse_id(text, &id)) {
		vg_error("'%s' is not a device; write VENDOR:DEVICE in hex as "
			 "lspci -n shows it, or VENDOR:*",
			 text);
		return VG_EXIT_USAGE;
	}
	ret = vg_store_open(&store);
	if (!ret)
		ret = vg_lock_check();
	if (!ret)
		ret = flags ? allow(&store, &id, flags) : deny(&store, &id);
	vg_store_close(&store);
	return ret;
}

int vg_cmd_allow(int argc, char **argv)
{
	__u32 flags = VG_F_ALLOW_READ | VG_F_ALLOW_WRITE;

	if (argc == 3) {
		if (!strcmp(argv[1], "r"))
			flags = VG_F_ALLOW_READ;
		else if (!strcmp(argv[1], "w"))
			flags = VG_F_ALLOW_WRITE;
		else if (strcmp(argv[1], "rw"))
			return vg_usage("allow");
	} else if (argc != 2) {
		return vg_usage("allow");
	}
	return edit(argv[argc - 1], flags);
}

int vg_cmd_deny(int argc, char **argv)
{
	if (argc != 2)
		return vg_usage("deny");
	return edit(argv[1], 0);
}
