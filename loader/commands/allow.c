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
#include "kernel/native.h"
#include "maps/ask.h"
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

static void print_update(const struct vg_device_id *id, __u32 flags)
{
	const unsigned char *v = (const unsigned char *)&flags;

	printf("bpftool map update " PINNED " ");
	print_key(id);
	printf(" value hex %02x %02x %02x %02x\n", v[0], v[1], v[2], v[3]);
}

static void print_delete(const struct vg_device_id *id)
{
	printf("bpftool map delete " PINNED " ");
	print_key(id);
	putchar('\n');
}

/* --- What is in force ------------------------------------------------------ */

/* Verdicts for both kinds of region that the list is about, both directions. */
struct now {
	bool open[2][VG_ACCESSES]; /* unassigned, vendor */
	bool native[2]
		   [VG_ACCESSES]; /* the module parameters have the last word */
};

static const enum vg_where_kind places[] = { VG_WHERE_UNASSIGNED,
					     VG_WHERE_VENDOR };

/* A device of the vendor that is likely to have no entry of its own. */
#define SOME_DEVICE 0xfffe

/* The rules for slots, guests and registers are not asked. */
static bool ask_now(const struct vg_store *store, const struct vg_device_id *id,
		    struct now *now)
{
	struct vg_query query = {
		.vendor = id->vendor,
		.device =
			id->device == VG_ANY_DEVICE ? SOME_DEVICE : id->device,
		.offset = 0xffc,
		.size = 4,
	};
	struct vg_ask ask;
	int i, access, err;

	for (i = 0; i < 2; i++) {
		for (access = 0; access < VG_ACCESSES; access++) {
			query.where = places[i];
			query.access = access;
			err = vg_ask_run(store, &query, &ask);
			if (err) {
				vg_error("the loaded policy can't be asked: %s",
					 strerror(-err));
				return false;
			}
			/* What the rules say, also in monitor mode. */
			now->open[i][access] = ask.verdict == VG_ALLOW;
			now->native[i][access] =
				ask.verdict == VG_ALLOW && ask.by_default &&
				vg_native_says(&query) != VG_NATIVE_OPEN;
			if (now->native[i][access])
				now->open[i][access] = false;
		}
	}
	return true;
}

static const char *now_word(const struct now *now, int i, enum vg_access access)
{
	if (now->native[i][access])
		return "left to the module parameters";
	return now->open[i][access] ? "allowed" : "blocked";
}

static void tell_now(const struct vg_store *store, const char *name,
		     const struct now *now)
{
	struct vg_config config;

	vg_info("%s now, in unassigned space: reads %s, writes %s; in vendor "
		"capabilities: reads %s, writes %s; until the policy is loaded "
		"again",
		name, now_word(now, 0, VG_READ), now_word(now, 0, VG_WRITE),
		now_word(now, 1, VG_READ), now_word(now, 1, VG_WRITE));
	vg_store_read_config(store, &config);
	if (config.mode == VG_MODE_MONITOR)
		vg_warn("the mode is monitor%s: nothing is blocked",
			config.learn ? ", while it is learning" : "");
}

/* Whether a direction is open in both kinds of region, or in one of them. */
static bool all_open(const struct now *now, enum vg_access access)
{
	return now->open[0][access] && now->open[1][access];
}

static bool some_open(const struct now *now, enum vg_access access)
{
	return now->open[0][access] || now->open[1][access];
}

/* --- Changes ---------------------------------------------------------------- */

/* Put an entry in, or take it out with @flags 0. */
static bool change(const struct vg_store *store, const struct vg_device_id *id,
		   __u32 flags)
{
	if (flags ? !bpf_map_update_elem(store->allowlist, id, &flags,
					 BPF_ANY) :
		    !bpf_map_delete_elem(store->allowlist, id) ||
			    errno == ENOENT)
		return true;
	vg_error("the allow list can't be changed: %s",
		 errno == E2BIG ? "it is full" : strerror(errno));
	return false;
}

static enum vg_exit allow(const struct vg_store *store,
			  const struct vg_device_id *id, __u32 flags)
{
	/* The other direction keeps what it had. */
	__u32 blocks = flags << 4 & (VG_F_BLOCK_READ | VG_F_BLOCK_WRITE);
	__u32 old = 0, new;
	struct now now;
	char name[16];

	bpf_map_lookup_elem(store->allowlist, id, &old);
	/* Beside a wrong bit nothing would be allowed. */
	new = (vg_flags_effect(old) & ~blocks) | flags;
	if (!change(store, id, new))
		return VG_EXIT_FAILURE;
	format_id(id, name, sizeof(name));
	if (!ask_now(store, id, &now) ||
	    (flags & VG_F_ALLOW_READ && !some_open(&now, VG_READ)) ||
	    (flags & VG_F_ALLOW_WRITE && !some_open(&now, VG_WRITE))) {
		change(store, id, old);
		vg_error("an entry in the allow list does not allow it: rules "
			 "of the policy for %s come first; the list stays as "
			 "it was (vfioguard explain tells which)",
			 name);
		return VG_EXIT_FAILURE;
	}
	tell_now(store, name, &now);
	print_update(id, new);
	return VG_EXIT_OK;
}

/*
 * Takes what the entry allows.  What it blocks stays: taken out, it would open what
 * a default or the vendor's entry allows.
 */
static enum vg_exit deny(const struct vg_store *store,
			 const struct vg_device_id *id)
{
	__u32 old, effect, new;
	struct now now;
	char name[16];

	format_id(id, name, sizeof(name));
	if (bpf_map_lookup_elem(store->allowlist, id, &old)) {
		vg_error("%s is not on the allow list", name);
		if (ask_now(store, id, &now))
			tell_now(store, name, &now);
		return VG_EXIT_FAILURE;
	}
	effect = vg_flags_effect(old);
	new = effect &(VG_F_BLOCK_READ | VG_F_BLOCK_WRITE);
	if (new)
		new |= effect &VG_F_SILENT;
	if (!(effect & (VG_F_ALLOW_READ | VG_F_ALLOW_WRITE)) && new) {
		vg_error("the entry of %s allows nothing, it blocks; taken out "
			 "it could open the device, so it stays",
			 name);
		return VG_EXIT_FAILURE;
	}
	if (!change(store, id, new))
		return VG_EXIT_FAILURE;
	/* Denied is what is not wholly open any more. */
	if (!ask_now(store, id, &now) ||
	    ((!(effect & VG_F_ALLOW_READ) || all_open(&now, VG_READ)) &&
	     (!(effect & VG_F_ALLOW_WRITE) || all_open(&now, VG_WRITE)) &&
	     effect & (VG_F_ALLOW_READ | VG_F_ALLOW_WRITE))) {
		change(store, id, old);
		vg_error("%s would be allowed all the same, by the defaults or "
			 "the entry of its vendor; the list stays as it was. "
			 "To block it load a policy with: block rw %s",
			 name, name);
		return VG_EXIT_FAILURE;
	}
	tell_now(store, name, &now);
	if (new)
		print_update(id, new);
	else
		print_delete(id);
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
