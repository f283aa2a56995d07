// SPDX-License-Identifier: GPL-2.0-only
/*
 * valgrind-bpf.c - tell valgrind what bpf(2) writes, preloaded by 30-valgrind.sh
 *
 * Debian 12's valgrind knows no command of bpf(2) that is newer than Linux 5.2.
 * It lets them pass, but takes what the kernel wrote for never written, and so
 * complains about each use.  libbpf makes its calls through syscall(3), which
 * this replaces: same call, then the results are declared to be defined.
 *
 * Of BPF_MAP_GET_NEXT_KEY it asks for more than there is, see before().  Here, as
 * suppressions need the names of functions, and those are inlined.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <valgrind/memcheck.h>

static void *at(__u64 address)
{
	return (void *)(unsigned long)address;
}

static int is_btf(int fd)
{
	char path[32], kind[32] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return readlink(path, kind, sizeof(kind) - 1) > 0 &&
	       strstr(kind, "btf");
}

/* Entries that a batch was filled with; a map of a value for each CPU has more. */
static void defined_batch(const union bpf_attr *attr)
{
	struct bpf_map_info info = {};
	union bpf_attr ask = {
		.info = {
			.bpf_fd = attr->batch.map_fd,
			.info_len = sizeof(info),
			.info = (unsigned long)&info,
		},
	};

	VALGRIND_MAKE_MEM_DEFINED(at(attr->batch.out_batch), sizeof(__u32));
	if (syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &ask, sizeof(ask)))
		return;
	VALGRIND_MAKE_MEM_DEFINED(at(attr->batch.keys),
				  attr->batch.count * info.key_size);
	VALGRIND_MAKE_MEM_DEFINED(at(attr->batch.values),
				  attr->batch.count * info.value_size);
}

static void defined(int command, union bpf_attr *attr, unsigned int size)
{
	VALGRIND_MAKE_MEM_DEFINED(attr, size);
	if (command == BPF_OBJ_GET_INFO_BY_FD) {
		VALGRIND_MAKE_MEM_DEFINED(at(attr->info.info),
					  attr->info.info_len);
		if (is_btf(attr->info.bpf_fd)) {
			struct bpf_btf_info *info = at(attr->info.info);

			VALGRIND_MAKE_MEM_DEFINED(at(info->btf),
						  info->btf_size);
			/* Without the 0 at its end. */
			VALGRIND_MAKE_MEM_DEFINED(at(info->name),
						  info->name_len + 1);
		}
	} else if (command == BPF_MAP_LOOKUP_BATCH) {
		defined_batch(attr);
	}
}

/* Returns whether valgrind has to keep silent about the call. */
static bool before(int command, union bpf_attr *attr)
{
	if (command != BPF_MAP_GET_NEXT_KEY)
		return false;
	/* The command has none, so libbpf passes none, but they are looked at. */
	VALGRIND_MAKE_MEM_DEFINED(&attr->flags, sizeof(attr->flags));
	/* Since Linux 4.12 no key asks for the first. */
	return !attr->key;
}

long syscall(long number, ...)
{
	register long r10 __asm__("r10");
	register long r8 __asm__("r8");
	register long r9 __asm__("r9");
	long a[6], ret;
	bool silent = false;
	va_list args;
	int i;

	va_start(args, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_bpf)
		silent = before(a[0], (union bpf_attr *)a[1]);
	if (silent)
		VALGRIND_DISABLE_ERROR_REPORTING;
	/* Nothing may come between these and the call. */
	r10 = a[3];
	r8 = a[4];
	r9 = a[5];
	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]),
			   "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	if (silent)
		VALGRIND_ENABLE_ERROR_REPORTING;
	/* Also after ENOENT: the last batch of a map says so. */
	if (number == SYS_bpf && (ret >= 0 || ret == -ENOENT))
		defined(a[0], (union bpf_attr *)a[1], a[2]);
	if (ret < 0 && ret > -4096) {
		errno = -ret;
		return -1;
	}
	return ret;
}
