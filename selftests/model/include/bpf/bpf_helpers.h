/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF program finds in libbpf's header of this name, for a program that
 * runs in user space: see ../../README.md.
 */
#ifndef MODEL_BPF_HELPERS_H
#define MODEL_BPF_HELPERS_H

#include "maps.h"
#include "world.h"

#define SEC(name)
#define __uint(name, val) int(*name)[val]
#define __type(name, val) typeof(val) *name
#define __ksym
#define __weak
#define __noinline __attribute__((noinline))
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define __arg_nonnull
#define __arg_trusted

#define bpf_for(i, from, to) for (i = (from); i < (to); i++)

/* Whatever is edited, see world.h. */
#define IS_FROZEN(map) (model_now.frozen)

#define bpf_map_lookup_elem(map, key) model_map_lookup(MODEL_MAP(map), key)
#define bpf_map_update_elem(map, key, value, flags) \
	model_map_update(MODEL_MAP(map), key, value, flags)
#define bpf_ringbuf_output(map, data, size, flags) model_ring_output(data, size)

#define bpf_jiffies64() (model_now.jiffies)
#define bpf_ktime_get_boot_ns() (model_now.boot_ns)
#define bpf_get_smp_processor_id() (model_now.processor)
#define bpf_get_current_task_btf() model_task()
#define bpf_get_current_pid_tgid() model_pid_tgid()
#define bpf_get_current_cgroup_id() model_cgroup_id()

#define bpf_probe_read_kernel(to, size, from) model_read(to, size, from)
#define bpf_probe_read_kernel_str(to, size, from) \
	model_read_string(to, size, from)

#endif
