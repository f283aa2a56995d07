// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-park.c - a write to config space that the kernel can't fetch the data of
 * until it is told what the data is
 *
 * Usage: vfio-park BDF OFF
 *
 * Writes four bytes at OFF (hexadecimal) from a page that userfaultfd watches.
 * Says "parked" when the kernel waits for that page, then reads the data, a
 * hexadecimal number, from stdin, delivers it and says what the write returned:
 * the number of bytes, or a negative errno.
 *
 * Exit status: 0, or 2 if the device or userfaultfd can't be used.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vfio-open.h"

#define PAGE 4096

static int device;
static off_t where;
static void *page;

static void *writer(void *result)
{
	ssize_t n = pwrite(device, page, sizeof(uint32_t), where);

	*(long *)result = n < 0 ? -errno : n;
	return NULL;
}

/* Watch the page that @page is to point to.  Returns the userfaultfd. */
static int watch_page(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api))
		err(2, "userfaultfd");
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		err(2, "mmap");
	range.range.start = (uintptr_t)page;
	range.range.len = PAGE;
	if (ioctl(uffd, UFFDIO_REGISTER, &range))
		err(2, "UFFDIO_REGISTER");
	return uffd;
}

int main(int argc, char **argv)
{
	static uint32_t data[PAGE / sizeof(uint32_t)]
		__attribute__((aligned(PAGE)));
	struct uffdio_copy copy = { .src = (uintptr_t)data, .len = PAGE };
	struct pollfd fault = { .events = POLLIN };
	pthread_t thread;
	long result = 0;

	if (argc != 3)
		errx(2, "usage: vfio-park BDF OFF");
	device = vfio_open(argv[1], &where);
	where += strtol(argv[2], NULL, 16);
	fault.fd = watch_page();
	copy.dst = (uintptr_t)page;

	if (pthread_create(&thread, NULL, writer, &result))
		errx(2, "no thread");
	if (poll(&fault, 1, -1) != 1)
		err(2, "poll");
	puts("parked");
	fflush(stdout);
	if (scanf("%x", &data[0]) != 1)
		errx(2, "no data");
	if (ioctl(fault.fd, UFFDIO_COPY, &copy))
		err(2, "UFFDIO_COPY");
	pthread_join(thread, NULL);
	printf("%ld\n", result);
	return 0;
}
