/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels a front end is for.
 *
 * A front end defines VG_STOCK before it includes the core if its object has to
 * load on stock kernels from 6.1 on, as a tracing or LSM program.  Then there
 * are no open-coded iterators (6.4) and no annotated arguments of global functions
 * (6.8), bpf_rdonly_cast() only on some (6.2), and the PCI function is an address
 * that the verifier knows nothing of.  A program of struct_ops has all of that.
 */
#ifndef VFIOGUARD_COMPAT_H
#define VFIOGUARD_COMPAT_H

extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

/* Whether no system call can write the map any more, which never ends. */
#ifndef IS_FROZEN
#define IS_FROZEN(map) (((struct bpf_map *)&(map))->frozen)
#endif

#ifdef VG_STOCK

/* A bounded loop; at most as many rounds as the verifier can walk through. */
#define LOOP(i, from, to) \
	_Pragma("clang loop unroll(disable)") for (i = (from); i < (to); i++)

/*
 * Global functions are not told that a pointer is there, so each asks for it;
 * no caller passes NULL where GIVEN() is used.
 */
#undef __arg_nonnull
#define __arg_nonnull
#undef __arg_trusted
#define __arg_trusted
#define GIVEN(pointer) ((pointer) != NULL)

/* What a global function gets must have been written, before 6.3. */
#define CLEAN(variable) __builtin_memset(&(variable), 0, sizeof(variable))

/* A global function can't be given an address; others the verifier walks into. */
#define WITH_PDEV static __noinline

/* Before 6.3 no global function can look up a key that it is given. */
#define WITH_KEY static __noinline

/*
 * Whether it is compared what plans were made from.  Each comparison is a branch, and
 * the verifier of 6.1 follows all that comes after it; the way of an access to here
 * costs more than making plans does.
 */
#define COMPARES false

/*
 * From 6.2 on the verifier lets an address be taken for an object of a type: a
 * load then, where bpf_probe_read_kernel() takes 80 instructions.  What is not
 * mapped reads as 0.
 */
#define CAN_CAST bpf_ksym_exists(bpf_rdonly_cast)
#define CAST(address, type) \
	((type *)bpf_rdonly_cast(address, bpf_core_type_id_kernel(type)))

/*
 * A field of a PCI function or bus, a type of the kernel proper.  0 if it was read;
 * always, where it can be cast.
 */
#define READ_FIELD(to, object, field)                                  \
	({                                                             \
		int err__ = 0;                                         \
		if (CAN_CAST)                                          \
			(to) = CAST(object, typeof(*(object)))->field; \
		else                                                   \
			err__ = bpf_core_read(&(to), sizeof(to),       \
					      &(object)->field);       \
		err__;                                                 \
	})

/*
 * A field of at most 8 bytes of a type that a module may have, which can't be
 * cast to: by its place.  Not of the last 8 bytes of what is allocated.
 */
#define READ_MODULE_FIELD(to, object, field)                             \
	({                                                               \
		int err__ = 0;                                           \
		if (CAN_CAST)                                            \
			(to) = (typeof(to))CAST(                         \
				       (void *)(object) +                \
					       bpf_core_field_offset(    \
						       (object)->field), \
				       struct timespec64)                \
				       ->tv_sec;                         \
		else                                                     \
			err__ = bpf_core_read(&(to), sizeof(to),         \
					      &(object)->field);         \
		err__;                                                   \
	})

/* The task's types are known to the verifier there, and cheap to follow. */
#define untrusted(object, type) ((type *)(object))

#else

#define LOOP(i, from, to) bpf_for(i, from, to)
#define GIVEN(pointer) true
#define COMPARES true
#define CLEAN(variable) ((void)0)
#define WITH_PDEV __noinline
#define WITH_KEY __noinline
#define READ_FIELD(to, object, field)   \
	({                              \
		(to) = (object)->field; \
		0;                      \
	})

/*
 * A kernel object as one that may be gone: reads of it give 0 then.  For each
 * pointer that is followed from an object it trusts, the verifier goes through
 * all the types of the kernel several times, in search of what the result may
 * be trusted with.
 */
#define untrusted(object, type) \
	((type *)bpf_rdonly_cast(object, bpf_core_type_id_kernel(type)))

#endif

#endif
