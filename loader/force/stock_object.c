// SPDX-License-Identifier: GPL-2.0-only
/*
 * The policy on a stock kernel: behind the doors of bpf/door.bpf.c, which stay
 * attached while one policy follows another.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "force/object.h"
#include "force/pins.h"
#include "kernel/kallsyms.h"
#include "util/log.h"
#include "door.skel.h"
#include "stock.skel.h"

/* The functions by which a program tells whose registers it has. */
static int set_sizes(struct stock_bpf *skel)
{
	struct vg_function_size f[] = {
		{ .name = "__x64_sys_pread64" },
		{ .name = "__x64_sys_pwrite64" },
		{ .name = "ksys_pread64" },
		{ .name = "ksys_pwrite64" },
		{ .name = "vfs_read" },
		{ .name = "vfs_write" },
	};
	int ret, i;

	ret = vg_function_sizes(f, sizeof(f) / sizeof(f[0]));
	/* Loaded all the same, the programs would know no file of vfio. */
	if (ret == -EACCES)
		vg_error(
			"the addresses of kernel functions are hidden "
			"(kernel.kptr_restrict, or CAP_SYSLOG is missing); run: "
			"sysctl kernel.kptr_restrict=1");
	for (i = 0; i < 2; i++) {
		skel->rodata->size_of_sys[i] = f[i].size;
		skel->rodata->size_of_ksys[i] = f[2 + i].size;
		skel->rodata->size_of_vfs[i] = f[4 + i].size;
	}
	return ret;
}

/*
 * Whether a program may write to a caller's buffer: lockdown for integrity, which
 * Secure Boot brings, keeps it from that (LOCKDOWN_BPF_WRITE_USER).
 */
static bool can_fill(void)
{
	if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE,
				    BPF_FUNC_probe_write_user, NULL) == 1)
		return true;
	vg_warn("this kernel is locked down, so blocked reads end with EPERM "
		"instead of a value; a VMM shows its guest ones then");
	return false;
}

/*
 * What is read with one call is let through or refused with one answer.  Of a default
 * only: a rule is about a device that somebody knows.
 */
static void warn_of_reads(const struct vg_config *config)
{
	int i;

	for (i = 0; i < VG_REGIONS; i++) {
		if (config->mode != VG_MODE_ENFORCE ||
		    config->defaults[i][VG_READ].verdict == VG_ALLOW)
			continue;
		vg_warn("this policy blocks reads by default: on a stock kernel "
			"a read of several registers fails if one of them is "
			"blocked, so QEMU, which reads all of config space at "
			"once, does not start");
		return;
	}
}

static int open_object(struct vg_object *o, const struct vg_hook *hook,
		       const struct vg_config *config, __u64 generation)
{
	struct stock_bpf *skel = stock_bpf__open();
	__u64 secret;

	if (!skel)
		return -errno;
	o->skel = skel;
	o->obj = skel->obj;
	if (getrandom(&secret, sizeof(secret), 0) != sizeof(secret))
		return -EIO;
	skel->rodata->pass_secret = secret;
	skel->rodata->two_doors = hook->stock.lsm && hook->stock.trace;
	skel->rodata->plan_parity = generation & 1;
	skel->rodata->learning = config->learn;
	skel->rodata->uses_last = config->uses_last;
	skel->rodata->asked_regions = config->regions;
	skel->rodata->blocks_reads = config->blocks_reads;
	warn_of_reads(config);
	skel->rodata->fills_reads = config->blocks_reads && can_fill();
	skel->rodata->observes = hook->door == VG_DOOR_OBSERVE;
	bpf_program__set_autoload(skel->progs.stock_trace, hook->stock.trace);
	bpf_program__set_autoload(skel->progs.stock_lsm, hook->stock.lsm);
	return set_sizes(skel);
}

/* Into one of the arrays behind the doors. */
static int put_behind(int door, const struct bpf_program *prog)
{
	int fd = bpf_program__fd(prog);
	__u32 zero = 0;

	if (!bpf_program__autoload(prog))
		return 0;
	return bpf_map_update_elem(door, &zero, &fd, BPF_ANY) ? -errno : 0;
}

static int pin_link(struct bpf_link *link, const char *pin)
{
	int ret;

	if (!link)
		return -errno;
	ret = bpf_link__pin(link, pin);
	bpf_link__destroy(link);
	return ret;
}

/* The one that protects gets the name that the hook's link has, and comes last. */
static int attach_doors(struct door_bpf *door, const struct stock_bpf *skel)
{
	bool trace = bpf_program__autoload(skel->progs.stock_trace);
	bool lsm = bpf_program__autoload(skel->progs.stock_lsm);
	int ret;

	ret = pin_link(bpf_program__attach(door->progs.door_at_module),
		       VG_PIN("link_module"));
	if (!ret && trace)
		ret = pin_link(bpf_program__attach(door->progs.door_at_trace),
			       lsm ? VG_PIN("link_trace") : VG_PIN("link"));
	if (!ret && lsm)
		ret = pin_link(bpf_program__attach(door->progs.door_at_lsm),
			       VG_PIN("link"));
	return ret;
}

/* Load just these of the doors' programs. */
static void keep_only(const struct door_bpf *door, const struct bpf_program *a,
		      const struct bpf_program *b)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, door->obj)
	{
		bpf_program__set_autoload(prog, prog == a || prog == b);
	}
}

static int put_first(struct vg_object *o)
{
	struct stock_bpf *skel = o->skel;
	struct door_bpf *door;
	int ret;

	door = door_bpf__open();
	if (!door)
		return -errno;
	keep_only(door,
		  bpf_program__autoload(skel->progs.stock_trace) ?
			  door->progs.door_at_trace :
			  NULL,
		  bpf_program__autoload(skel->progs.stock_lsm) ?
			  door->progs.door_at_lsm :
			  NULL);
	bpf_program__set_autoload(door->progs.door_at_module, true);
	ret = door_bpf__load(door);
	/* Pinned first: an array that nobody holds is emptied. */
	if (!ret)
		ret = bpf_map__pin(door->maps.door_trace, VG_PIN("door_trace"));
	if (!ret)
		ret = bpf_map__pin(door->maps.door_lsm, VG_PIN("door_lsm"));
	if (!ret)
		ret = put_behind(bpf_map__fd(door->maps.door_trace),
				 skel->progs.stock_trace);
	if (!ret)
		ret = put_behind(bpf_map__fd(door->maps.door_lsm),
				 skel->progs.stock_lsm);
	if (!ret)
		ret = attach_doors(door, skel);
	door_bpf__destroy(door);
	return ret;
}

static int put_at(const char *pin, const struct bpf_program *prog)
{
	int door = bpf_obj_get(pin), ret;

	if (door < 0)
		return -errno;
	ret = put_behind(door, prog);
	close(door);
	return ret;
}

/* The program behind a door: a descriptor, or -ENOENT if there is none. */
static int behind(const char *pin)
{
	int door = bpf_obj_get(pin), ret;
	__u32 zero = 0, id;

	if (door < 0)
		return -errno;
	/* From user space such an array has the kernel's numbers of programs. */
	ret = bpf_map_lookup_elem(door, &zero, &id) ? -errno :
						      bpf_prog_get_fd_by_id(id);
	close(door);
	return ret;
}

static const char *kinds_word(bool trace, bool lsm)
{
	return trace && lsm ? "tracing and LSM" : lsm ? "LSM" : "tracing";
}

/*
 * Whether the doors that are attached are those that the new policy has programs
 * for: one left with the old policy would go on judging by it.
 */
static int same_doors(bool trace, bool lsm, const struct stock_bpf *skel)
{
	bool takes_trace = bpf_program__autoload(skel->progs.stock_trace);
	bool takes_lsm = bpf_program__autoload(skel->progs.stock_lsm);

	if (trace == takes_trace && lsm == takes_lsm)
		return 0;
	vg_error("the policy in force has %s programs, and the kernel takes %s "
		 "programs now; run: vfioguard unload, then load this one",
		 kinds_word(trace, lsm), kinds_word(takes_trace, takes_lsm));
	return -EOPNOTSUPP;
}

/* Put what was there back, as the other door could not follow. */
static void put_back(const char *pin, int prog)
{
	int door = bpf_obj_get(pin);
	__u32 zero = 0;

	if (door < 0 || bpf_map_update_elem(door, &zero, &prog, BPF_ANY))
		vg_error(
			"one program is of the new policy, the other of the old; "
			"load again: %s",
			strerror(errno));
	if (door >= 0)
		close(door);
}

/* The door that protects last.  All or nothing: what can't be done is undone. */
static int replace(struct vg_object *o, int link)
{
	int trace = behind(VG_PIN("door_trace")), lsm, ret;
	struct stock_bpf *skel = o->skel;

	(void)link;
	if (trace < 0 && trace != -ENOENT)
		return trace;
	lsm = behind(VG_PIN("door_lsm"));
	ret = lsm < 0 && lsm != -ENOENT ?
		      lsm :
		      same_doors(trace >= 0, lsm >= 0, skel);
	if (!ret)
		ret = put_at(VG_PIN("door_trace"), skel->progs.stock_trace);
	if (!ret) {
		ret = put_at(VG_PIN("door_lsm"), skel->progs.stock_lsm);
		if (ret && trace >= 0)
			put_back(VG_PIN("door_trace"), trace);
	}
	if (lsm >= 0)
		close(lsm);
	if (trace >= 0)
		close(trace);
	return ret;
}

/*
 * The link ends with its last descriptor, and a daemon has one: so a program that
 * lets everything pass takes the policy's place.
 */
static int withdraw(int link)
{
	struct door_bpf *door = door_bpf__open();
	int ret;

	(void)link;
	if (!door)
		return -errno;
	keep_only(door, door->progs.nobody_at_trace, door->progs.nobody_at_lsm);
	ret = door_bpf__load(door);
	if (!ret)
		ret = put_at(VG_PIN("door_trace"), door->progs.nobody_at_trace);
	if (!ret)
		ret = put_at(VG_PIN("door_lsm"), door->progs.nobody_at_lsm);
	door_bpf__destroy(door);
	return ret;
}

static void destroy(struct vg_object *o)
{
	stock_bpf__destroy(o->skel);
}

static const void *elf(size_t *len)
{
	return stock_bpf__elf_bytes(len);
}

const struct vg_object_kind vg_stock_object = {
	.open = open_object,
	.first = put_first,
	.replace = replace,
	.withdraw = withdraw,
	.destroy = destroy,
	.elf = elf,
};
