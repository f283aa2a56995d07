// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-inject.c - let a VFIO client that runs write to config space
 *
 * Usage: vfio-inject PID BDF OFF SIZE HEX
 *
 * Makes process PID itself call pwrite(2) on the descriptor it has of device BDF,
 * as whoever has taken it over would: the process is stopped, the call is put in
 * at the place where it stands, and then it goes on where it was. So the client
 * and all it has open are real, and the access is the client's.
 *
 * Of several devices that PID has open, the one whose vendor and device id are
 * those of BDF is taken, and of several such the one that was opened first. OFF
 * is hexadecimal, SIZE (1, 2 or 4) is decimal, HEX is the data as a number. Prints
 * what the call returned: a count, or -ERRNO.
 *
 * Exit status: 0, or 1 if the call could not be made.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* Below the stack pointer, past the red zone of the ABI. */
#define SCRATCH_BELOW 1024
#define SYSCALL_INSN 0x050fUL

/* Vendor in the low half, device in the high one, as in config space. */
static uint32_t ids_of(const char *bdf)
{
	static const char *const names[] = { "vendor", "device" };
	unsigned int value;
	char path[PATH_MAX];
	uint32_t ids = 0;
	FILE *f;
	int i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", bdf,
			 names[i]);
		f = fopen(path, "r");
		if (!f || fscanf(f, "%x", &value) != 1)
			err(1, "%s", path);
		fclose(f);
		ids |= value << (16 * i);
	}
	return ids;
}

/* Where config space starts if @fd, a copy of the client's, is of @ids; or 0. */
static off_t config_of(int fd, uint32_t ids)
{
	struct vfio_region_info info = {
		.argsz = sizeof(info),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	uint32_t have;

	if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info) ||
	    pread(fd, &have, sizeof(have), info.offset) != sizeof(have) ||
	    have != ids)
		return 0;
	return info.offset;
}

/* The client's number of its descriptor. */
static int find_device(pid_t pid, uint32_t ids, off_t *config)
{
	char path[PATH_MAX], link[PATH_MAX];
	int pidfd, fd = -1, copy;
	struct dirent *entry;
	ssize_t n;
	DIR *dir;

	pidfd = syscall(SYS_pidfd_open, pid, 0);
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	if (pidfd < 0 || !dir)
		err(1, "process %d", pid);
	while (fd < 0 && (entry = readdir(dir))) {
		n = readlinkat(dirfd(dir), entry->d_name, link,
			       sizeof(link) - 1);
		if (n < 0)
			continue;
		link[n] = '\0';
		if (!strstr(link, "[vfio-device]"))
			continue;
		copy = syscall(SYS_pidfd_getfd, pidfd, atoi(entry->d_name), 0);
		if (copy < 0)
			err(1, "descriptor %s of process %d", entry->d_name,
			    pid);
		*config = config_of(copy, ids);
		if (*config)
			fd = atoi(entry->d_name);
		close(copy);
	}
	closedir(dir);
	close(pidfd);
	return fd;
}

static void trace(enum __ptrace_request what, pid_t pid, unsigned long addr,
		  unsigned long data)
{
	if (ptrace(what, pid, addr, data))
		err(1, "ptrace of process %d", pid);
}

static unsigned long peek(pid_t pid, unsigned long addr)
{
	unsigned long word;

	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, pid, addr, 0);
	if (errno)
		err(1, "memory of process %d", pid);
	return word;
}

static void wait_stop(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) < 0 || !WIFSTOPPED(status))
		errx(1, "process %d did not stop", pid);
}

/* pwrite(@fd, @data, @size, @off) in the main thread of @pid. */
static long inject(pid_t pid, int fd, uint32_t data, size_t size, off_t off)
{
	struct user_regs_struct saved, regs;
	unsigned long code, scratch, word;

	trace(PTRACE_ATTACH, pid, 0, 0);
	wait_stop(pid);
	trace(PTRACE_GETREGS, pid, 0, (unsigned long)&saved);
	scratch = (saved.rsp - SCRATCH_BELOW) & ~7UL;
	code = peek(pid, saved.rip);
	word = peek(pid, scratch);
	trace(PTRACE_POKEDATA, pid, scratch, data);
	trace(PTRACE_POKETEXT, pid, saved.rip,
	      (code & ~0xffffUL) | SYSCALL_INSN);
	regs = saved;
	/* Not in a system call: what it waits in is not restarted here. */
	regs.orig_rax = -1;
	regs.rax = SYS_pwrite64;
	regs.rdi = fd;
	regs.rsi = scratch;
	regs.rdx = size;
	regs.r10 = off;
	trace(PTRACE_SETREGS, pid, 0, (unsigned long)&regs);
	trace(PTRACE_SINGLESTEP, pid, 0, 0);
	wait_stop(pid);
	trace(PTRACE_GETREGS, pid, 0, (unsigned long)&regs);
	trace(PTRACE_POKETEXT, pid, saved.rip, code);
	trace(PTRACE_POKEDATA, pid, scratch, word);
	trace(PTRACE_SETREGS, pid, 0, (unsigned long)&saved);
	trace(PTRACE_DETACH, pid, 0, 0);
	return regs.rax;
}

int main(int argc, char *argv[])
{
	off_t config = 0;
	size_t size;
	pid_t pid;
	long ret;
	int fd;

	if (argc != 6)
		errx(1, "usage: vfio-inject PID BDF OFF SIZE HEX");
	pid = atoi(argv[1]);
	size = strtoul(argv[4], NULL, 10);
	if (pid <= 0 || (size != 1 && size != 2 && size != 4))
		errx(1, "PID is a number above 0, SIZE is 1, 2 or 4");
	fd = find_device(pid, ids_of(argv[2]), &config);
	if (fd < 0)
		errx(1, "process %d has no device %s open", pid, argv[2]);
	ret = inject(pid, fd, strtoul(argv[5], NULL, 16), size,
		     config + strtoul(argv[3], NULL, 16));
	if (ret < 0)
		printf("-%s\n", strerrorname_np(-ret));
	else
		printf("%ld\n", ret);
	return 0;
}
