// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ways.c - write config space by every way there is
 *
 * Usage: vfio-ways BDF OFFSET
 *
 * Writes four bytes, another number each time, at OFFSET (hexadecimal) by each of
 * the ways below, and prints a line for each: its name, and the bytes that were
 * written or the name of the error.
 *
 *	pwrite pwritev pwritev2 noappend	system calls; the last with a flag that
 *					vfio does not take
 *	int80				pwrite64 of 32-bit programs
 *	aio				io_submit
 *	linked				io_uring, behind a read of a pipe that ends
 *					while the task is in a pwrite64 of another file,
 *					at an offset that would be config space's header
 *	uring async sqpoll		io_uring: at once, by a worker, by a thread
 *	uring-pwrite			pwrite by a task that has used io_uring
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vfio-open.h"

#ifndef RWF_NOAPPEND
#define RWF_NOAPPEND 0x20
#endif
#define ENTRIES 8
/* Calls that the completion of a linked request may fall into. */
#define ROUNDS 1000000

struct ring {
	int fd;
	uint32_t *head, *tail, *mask, *array, *flags;
	uint32_t *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

static int device;
static off_t place; /* in the device's file */
static uint32_t *data; /* below 4 GiB, for 32-bit calls */

static void say(const char *way, long ret)
{
	if (ret < 0)
		printf("%s -%s\n", way, strerrorname_np(-ret));
	else
		printf("%s %ld\n", way, ret);
	fflush(stdout);
	++*data;
}

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

static long by_int80(void)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(181), "b"((long)device), "c"((long)data),
			   "d"(4L), "S"(place & 0xffffffff), "D"(place >> 32)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
}

static long by_aio(void)
{
	struct iocb cb = {
		.aio_fildes = device,
		.aio_lio_opcode = IOCB_CMD_PWRITE,
		.aio_buf = (uintptr_t)data,
		.aio_nbytes = 4,
		.aio_offset = place,
	};
	struct iocb *list = &cb;
	struct io_event event = {};
	aio_context_t context = 0;
	long ret;

	ret = result(syscall(SYS_io_setup, 1, &context));
	if (!ret)
		ret = result(syscall(SYS_io_submit, context, 1, &list));
	if (ret == 1) {
		syscall(SYS_io_getevents, context, 1, 1, &event, NULL);
		ret = event.res;
	}
	syscall(SYS_io_destroy, context);
	return ret;
}

static int ring_open(struct ring *r, uint32_t flags)
{
	struct io_uring_params p = { .flags = flags, .sq_thread_idle = 1000 };
	char *sq, *cq;

	r->fd = syscall(SYS_io_uring_setup, ENTRIES, &p);
	if (r->fd < 0)
		return -errno;
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * 4,
		  PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
		  IORING_OFF_SQ_RING);
	cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(*r->cqes),
		  PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
		  IORING_OFF_CQ_RING);
	r->sqes = mmap(NULL, p.sq_entries * sizeof(*r->sqes),
		       PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
		       IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || r->sqes == MAP_FAILED)
		return -ENOMEM;
	r->head = (void *)(sq + p.sq_off.head);
	r->tail = (void *)(sq + p.sq_off.tail);
	r->mask = (void *)(sq + p.sq_off.ring_mask);
	r->array = (void *)(sq + p.sq_off.array);
	r->flags = (void *)(sq + p.sq_off.flags);
	r->cq_head = (void *)(cq + p.cq_off.head);
	r->cq_tail = (void *)(cq + p.cq_off.tail);
	r->cq_mask = (void *)(cq + p.cq_off.ring_mask);
	r->cqes = (void *)(cq + p.cq_off.cqes);
	return 0;
}

static void ring_put(struct ring *r, uint8_t op, uint8_t flags, int fd,
		     void *buf, uint32_t len, off_t off, uint64_t name)
{
	uint32_t tail = *r->tail, at = tail & *r->mask;

	memset(&r->sqes[at], 0, sizeof(r->sqes[at]));
	r->sqes[at].opcode = op;
	r->sqes[at].flags = flags;
	r->sqes[at].fd = fd;
	r->sqes[at].addr = (uintptr_t)buf;
	r->sqes[at].len = len;
	r->sqes[at].off = off;
	r->sqes[at].user_data = name;
	r->array[at] = at;
	__atomic_store_n(r->tail, tail + 1, __ATOMIC_RELEASE);
}

/* Whether one of this name has ended, and how. */
static int ring_ended(struct ring *r, uint64_t name, long *res)
{
	uint32_t head = *r->cq_head;
	int found = 0;

	while (head != __atomic_load_n(r->cq_tail, __ATOMIC_ACQUIRE)) {
		struct io_uring_cqe *cqe = &r->cqes[head++ & *r->cq_mask];

		if (cqe->user_data == name) {
			*res = cqe->res;
			found = 1;
		}
	}
	__atomic_store_n(r->cq_head, head, __ATOMIC_RELEASE);
	return found;
}

static long by_uring(uint32_t ring_flags, uint8_t flags)
{
	struct ring r;
	long ret = ring_open(&r, ring_flags);
	int i;

	if (ret)
		return ret;
	ring_put(&r, IORING_OP_WRITE, flags, device, data, 4, place, 1);
	if (ring_flags & IORING_SETUP_SQPOLL)
		syscall(SYS_io_uring_enter, r.fd, 0, 0, IORING_ENTER_SQ_WAKEUP,
			NULL, 0);
	else
		syscall(SYS_io_uring_enter, r.fd, 1, 1, IORING_ENTER_GETEVENTS,
			NULL, 0);
	for (i = 0; i < 5000 && !ring_ended(&r, 1, &ret); i++)
		usleep(1000);
	close(r.fd);
	return i == 5000 ? -ETIMEDOUT : ret;
}

static long by_linked(off_t config)
{
	int memory = memfd_create("ways", 0), ends[2], i;
	pid_t child;
	char byte = 0;
	struct ring r;
	long ret = ring_open(&r, 0);

	if (ret || memory < 0 || pipe(ends))
		return ret ? ret : -errno;
	ring_put(&r, IORING_OP_READ, IOSQE_IO_LINK, ends[0], &byte, 1, 0, 1);
	ring_put(&r, IORING_OP_WRITE, 0, device, data, 4, place, 2);
	syscall(SYS_io_uring_enter, r.fd, 2, 0, 0, NULL, 0);
	/* Somebody else's, so that it ends while this task is in the call below. */
	child = fork();
	if (!child) {
		usleep(20000);
		_exit(write(ends[1], "x", 1) != 1);
	}
	/* The write is done on the way out of one of these. */
	for (i = 0; i < ROUNDS && !ring_ended(&r, 2, &ret); i++)
		if (pwrite(memory, data, 4, config + 4) < 0)
			break;
	waitpid(child, NULL, 0);
	close(r.fd);
	return i == ROUNDS ? -ETIMEDOUT : ret;
}

int main(int argc, char **argv)
{
	struct iovec vec;
	off_t config;

	if (argc != 3) {
		fprintf(stderr, "usage: vfio-ways BDF OFFSET\n");
		return 1;
	}
	device = vfio_open(argv[1], &config);
	place = config + strtoul(argv[2], NULL, 16);
	data = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (data == MAP_FAILED)
		return 2;
	*data = 0x5a000001;
	vec = (struct iovec){ data, 4 };

	say("pwrite", result(pwrite(device, data, 4, place)));
	say("pwritev", result(pwritev(device, &vec, 1, place)));
	say("pwritev2", result(pwritev2(device, &vec, 1, place, 0)));
	say("noappend", result(pwritev2(device, &vec, 1, place, RWF_NOAPPEND)));
	say("int80", by_int80());
	say("aio", by_aio());
	/* The first by io_uring: a worker that is made now has copies of registers. */
	say("linked", by_linked(config));
	say("uring", by_uring(0, 0));
	say("async", by_uring(0, IOSQE_ASYNC));
	say("sqpoll", by_uring(IORING_SETUP_SQPOLL, 0));
	say("uring-pwrite", result(pwrite(device, data, 4, place)));
	return 0;
}
