/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs of others that could weaken a locked policy, whoever loads them and
 * whatever they say they are for.  Asked when a descriptor of one is made, which
 * the kernel does before anything can be attached, and of those that are there
 * when the lock closes.
 */
#ifndef VFIOGUARD_LOCK_VET_H
#define VFIOGUARD_LOCK_VET_H

/* The kernel's own limit (MAX_USED_MAPS). */
#define MAX_USED_MAPS 64

static bool starts_with(const char *name, const char *with, int len)
{
	char start[24] = {};
	int i;

	if (bpf_probe_read_kernel_str(start, sizeof(start), name) < 0)
		return false;
	for (i = 0; i < len && i < (int)sizeof(start); i++)
		if (start[i] != with[i])
			return false;
	return true;
}

/* Returns the number of the first map of ours, 0 if it uses none. */
static __u32 used_map(struct bpf_prog_aux *aux, struct vg_lock_about *about)
{
	struct bpf_map **maps = BPF_CORE_READ(aux, used_maps), *map;
	__u32 n = BPF_CORE_READ(aux, used_map_cnt), id;
	const struct vg_lock_about *found;
	__u32 i;

	bpf_for(i, 0, MAX_USED_MAPS) {
		if (i >= n)
			break;
		map = NULL;
		bpf_probe_read_kernel(&map, sizeof(map), &maps[i]);
		id = BPF_CORE_READ(map, id);
		found = find_object(VG_LOCK_KIND_MAP, id);
		if (found) {
			*about = *found;
			return id;
		}
	}
	return 0;
}

/* Whether a map of maps could have one of ours in it. */
static bool takes_ours(const struct bpf_map *map)
{
	struct bpf_map *inner = BPF_CORE_READ(map, inner_map_meta);
	struct vg_lock_shape shape = {};

	if (!inner)
		return false;
	shape.map_type = BPF_CORE_READ(inner, map_type);
	shape.key_size = BPF_CORE_READ(inner, key_size);
	shape.value_size = BPF_CORE_READ(inner, value_size);
	if (shape.map_type == BPF_MAP_TYPE_ARRAY)
		shape.max_entries = BPF_CORE_READ(inner, max_entries);
	return bpf_map_lookup_elem(&lock_shapes, &shape);
}

/*
 * Whether the kernel keeps what LSM programs answer to 0 and errors, as from 6.12 on,
 * but for those of cgroups; set by the loader.
 */
const volatile bool lsm_bounded = false;

/* What a program is harmful as, VG_LOCK_OPS if it isn't. */
static __noinline __u32 vet(struct bpf_prog *prog, struct vg_lock_about *about)
{
	enum bpf_attach_type attach = BPF_CORE_READ(prog, expected_attach_type);
	enum bpf_prog_type type = BPF_CORE_READ(prog, type), target;
	struct bpf_prog_aux *aux = BPF_CORE_READ(prog, aux);
	const char *func = BPF_CORE_READ(aux, attach_func_name);

	if (find_object(VG_LOCK_KIND_PROG, BPF_CORE_READ(aux, id)))
		return VG_LOCK_OPS;
	bpf_probe_read_kernel_str(about->name, sizeof(about->name), aux->name);
	if (type == BPF_PROG_TYPE_EXT) {
		/* It may be attached to any program of the same type later. */
		target = BPF_CORE_READ(aux, saved_dst_prog_type);
		if (target == BPF_PROG_TYPE_STRUCT_OPS ||
		    target == BPF_PROG_TYPE_SYSCALL ||
		    target == BPF_PROG_TYPE_CGROUP_SYSCTL ||
		    target == BPF_PROG_TYPE_LSM ||
		    target == BPF_PROG_TYPE_TRACING)
			return VG_LOCK_PROG_EXTEND;
	}
	/* A positive number from it, and no LSM is asked. */
	if (type == BPF_PROG_TYPE_TRACING && attach == BPF_MODIFY_RETURN &&
	    starts_with(func, "security_", 9))
		return VG_LOCK_PROG_SKIP;
	/* The same from one that may be asked before ours, see lsm_bounded. */
	if (type == BPF_PROG_TYPE_LSM &&
	    (attach == BPF_LSM_CGROUP || !lsm_bounded))
		return VG_LOCK_PROG_SKIP;
	/* The kernel lets it write values, of frozen maps too. */
	if (type == BPF_PROG_TYPE_TRACING && attach == BPF_TRACE_ITER &&
	    BPF_CORE_READ(aux, max_rdwr_access) &&
	    starts_with(func, "bpf_iter_bpf_map_elem", 21))
		return VG_LOCK_PROG_ITERATE;
	return used_map(aux, about) ? VG_LOCK_PROG_MAPS : VG_LOCK_OPS;
}

#endif
