/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CO-RE for a kernel whose structures are laid out as the program declares them,
 * and whose enumerators are those of enum model_enumerators (world.h).
 */
#ifndef MODEL_BPF_CORE_READ_H
#define MODEL_BPF_CORE_READ_H

#define bpf_core_enum_value(type, name) MODEL_##name
#define bpf_core_type_id_kernel(type) 0
/* x86 has no domain number in a bus; the hook can keep bits. */
#define bpf_core_field_exists(field) (__builtin_strstr(#field, "keep") != 0)
#define bpf_core_read(to, size, from) model_read(to, size, from)

#define MODEL_READ_1(from, a) ((from)->a)
#define MODEL_READ_2(from, a, b) ((from)->a->b)
#define MODEL_READ_OF(_1, _2, name, ...) name
#define BPF_CORE_READ(from, ...)                               \
	MODEL_READ_OF(__VA_ARGS__, MODEL_READ_2, MODEL_READ_1) \
	(from, __VA_ARGS__)

#endif
