// SPDX-License-Identifier: GPL-2.0-only
/*
 * lock-try - ways round a locked policy that no common tool knows
 *
 * Usage: lock-try WAY [ARGUMENT...]; exit status 0: it worked, 1: it was
 * refused, and stdout says with which error, 99: usage.
 *
 *	hold PATH FIFO		open a pin and keep it; then, for each line read
 *				from FIFO, do one of these with it and print how
 *				it ended:
 *	  update KEY VALUE	  hex
 *	  delete KEY
 *	  take KEY		  look up and delete
 *	  update-batch KEY VALUE
 *	  delete-batch KEY
 *	  freeze
 *	  mmap			  the first page, for writing
 *	  race KEY VALUE	  update while another thread swaps the descriptor
 *	  park KEY		  an update that waits for its value
 *	  unpark KEY VALUE	  give it that, and wait for its end
 *	  detach		  of a link
 *	  replace MAP-PATH	  of a link: update to another map
 *	map-by-id ID KEY VALUE	update
 *	link-by-id ID		open
 *	inner PATH		make a map of maps that would take the map
 *	extend OBJECT PROG-ID FUNCTION	load a program that replaces a function
 *	role PATH		be the daemon, by the program at PATH
 *	give-up PATH		open a lock that another process closes
 *	steal PID		copy a descriptor of a process
 *	memory PID		open its memory for writing
 *	ptrace PID		attach to it
 *	move FROM TO		move a mount, by move_mount(2)
 *	join FROM TO		share with a mount what FROM shares, by the same
 *	over TO			a new tmpfs there, by the same
 *	mount FROM TO FLAGS	mount(2) with flags that mount(8) does not give it
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../../bpf/lock.h"

#define MAX_LEN 512
#define RACES 20000

static int held = -1;

static void from_hex(const char *hex, unsigned char *to)
{
	unsigned int byte;
	size_t i;

	memset(to, 0, MAX_LEN);
	for (i = 0; hex && i < MAX_LEN && sscanf(hex, "%2x", &byte) == 1; i++) {
		to[i] = byte;
		hex += 2;
	}
}

static int say(const char *way, int ret)
{
	printf("%s: %s\n", way, ret < 0 ? strerror(errno) : "done");
	fflush(stdout);
	return ret < 0;
}

static int take(const void *key)
{
	unsigned char value[MAX_LEN];

	return bpf_map_lookup_and_delete_elem(held, key, value);
}

static int batch(const void *key, const void *value)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	__u32 count = 1;

	return value ? bpf_map_update_batch(held, key, value, &count, &opts) :
		       bpf_map_delete_batch(held, key, &count, &opts);
}

static int map_page(void)
{
	void *page =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, held, 0);

	/* It stays there, which is what the lock must see. */
	return page == MAP_FAILED ? -1 : 0;
}

/* --- The descriptor is another one when the kernel looks at it again --------- */

static int swapped = -1;
static volatile int racing;

static void *swap(void *harmless)
{
	while (racing) {
		dup2(*(int *)harmless, swapped);
		dup2(held, swapped);
	}
	return NULL;
}

/* 0 if one of many updates came through with the held map behind it. */
static int race(const void *key, const void *value)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	unsigned char found[MAX_LEN];
	pthread_t thread;
	int harmless, i;

	harmless =
		bpf_map_create(BPF_MAP_TYPE_HASH, "harmless", 4, 4, 16, &opts);
	swapped = dup(harmless);
	racing = 1;
	if (harmless < 0 || swapped < 0 ||
	    pthread_create(&thread, NULL, swap, &harmless))
		return -1;
	for (i = 0; i < RACES; i++)
		bpf_map_update_elem(swapped, key, value, BPF_ANY);
	racing = 0;
	pthread_join(thread, NULL);
	/* The other thread was really there. */
	if (bpf_map_lookup_elem(harmless, key, found)) {
		errno = ENOTRECOVERABLE;
		return -1;
	}
	if (bpf_map_lookup_elem(held, key, found) || memcmp(found, value, 4)) {
		errno = EPERM;
		return -1;
	}
	return 0;
}

/* --- An update whose value is in a page that is not there yet ------------------- */

static struct {
	unsigned char key[MAX_LEN];
	void *value;
	int faults;
	int result;
	pthread_t thread;
} parked;

static void *wait_for_value(void *arg)
{
	parked.result =
		bpf_map_update_elem(held, parked.key, parked.value, BPF_ANY) ?
			errno :
			0;
	return arg;
}

static int park(const void *key)
{
	struct uffdio_register area = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	long page = sysconf(_SC_PAGESIZE);

	parked.value = mmap(NULL, page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	parked.faults = syscall(SYS_userfaultfd, O_CLOEXEC);
	area.range.start = (unsigned long)parked.value;
	area.range.len = page;
	if (parked.value == MAP_FAILED || parked.faults < 0 ||
	    ioctl(parked.faults, UFFDIO_API, &api) ||
	    ioctl(parked.faults, UFFDIO_REGISTER, &area))
		return -1;
	memcpy(parked.key, key, sizeof(parked.key));
	errno = pthread_create(&parked.thread, NULL, wait_for_value, NULL);
	/* Until it is there. */
	sleep(1);
	return errno ? -1 : 0;
}

static int unpark(const void *value)
{
	long page = sysconf(_SC_PAGESIZE);
	unsigned char data[page];
	struct uffdio_copy copy = {
		.dst = (unsigned long)parked.value,
		.src = (unsigned long)data,
		.len = page,
	};

	memset(data, 0, page);
	memcpy(data, value, MAX_LEN);
	if (ioctl(parked.faults, UFFDIO_COPY, &copy))
		return -1;
	pthread_join(parked.thread, NULL);
	errno = parked.result;
	return errno ? -1 : 0;
}

static int do_line(char *line)
{
	unsigned char key[MAX_LEN], value[MAX_LEN];
	char *way = strtok(line, " \n"), *a = strtok(NULL, " \n");
	char *b = strtok(NULL, " \n");

	if (!way)
		return 0;
	from_hex(a, key);
	from_hex(b, value);
	if (!strcmp(way, "update"))
		return bpf_map_update_elem(held, key, value, BPF_ANY);
	if (!strcmp(way, "delete"))
		return bpf_map_delete_elem(held, key);
	if (!strcmp(way, "take"))
		return take(key);
	if (!strcmp(way, "update-batch"))
		return batch(key, value);
	if (!strcmp(way, "delete-batch"))
		return batch(key, NULL);
	if (!strcmp(way, "freeze"))
		return bpf_map_freeze(held);
	if (!strcmp(way, "mmap"))
		return map_page();
	if (!strcmp(way, "race"))
		return race(key, value);
	if (!strcmp(way, "park"))
		return park(key);
	if (!strcmp(way, "unpark"))
		return unpark(value);
	if (!strcmp(way, "detach"))
		return bpf_link_detach(held);
	if (!strcmp(way, "replace"))
		return bpf_link_update(held, bpf_obj_get(a), NULL);
	errno = ENOSYS;
	return -1;
}

static int hold(const char *path, const char *fifo)
{
	char line[2 * MAX_LEN + 64], way[32];
	FILE *f;

	held = bpf_obj_get(path);
	say("hold", held);
	if (held < 0)
		return 1;
	/* For writing too: it never ends. */
	f = fopen(fifo, "r+");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%31s", way) == 1)
			say(way, do_line(line));
	}
	return 1;
}

static int map_by_id(unsigned int id, const char *k, const char *v)
{
	unsigned char key[MAX_LEN], value[MAX_LEN];

	from_hex(k, key);
	from_hex(v, value);
	held = bpf_map_get_fd_by_id(id);
	return held < 0 ? held : bpf_map_update_elem(held, key, value, BPF_ANY);
}

/* A map of maps whose model has the shape of the one at @path. */
static int inner(const char *path)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	struct bpf_map_info info = {};
	__u32 len = sizeof(info), zero = 0;
	int map = bpf_obj_get(path), model, outer;

	if (map < 0 || bpf_map_get_info_by_fd(map, &info, &len))
		return -1;
	opts.map_flags = info.map_flags;
	model = bpf_map_create(info.type, "model", info.key_size,
			       info.value_size, info.max_entries, &opts);
	if (model < 0)
		return -1;
	opts.map_flags = 0;
	opts.inner_map_fd = model;
	outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "outer", 4, 4, 1,
			       &opts);
	return outer < 0 ? -1 :
			   bpf_map_update_elem(outer, &zero, &map, BPF_ANY);
}

/* SEC("freplace") of lock-try.bpf.o, made for the function it is to replace. */
static int extend(const char *object, unsigned int id, const char *function)
{
	struct bpf_program *prog;
	struct bpf_object *obj;
	int target, ret;

	target = bpf_prog_get_fd_by_id(id);
	obj = bpf_object__open_file(object, NULL);
	if (target < 0 || !obj)
		return -1;
	prog = bpf_object__find_program_by_name(obj, "extend");
	ret = bpf_program__set_attach_target(prog, target, function);
	if (ret || bpf_object__load(obj))
		return -1;
	return bpf_program__attach_freplace(prog, target, function) ? 0 : -1;
}

static int steal(int pid)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0);

	return pidfd < 0 ? pidfd : syscall(SYS_pidfd_getfd, pidfd, 0, 0);
}

/* Be the daemon, as its heartbeat would have it, or whoever closes the lock. */
static int role(const char *ctl, int cmd)
{
	struct vg_lock_ask ask = { .cmd = cmd };
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int fd = bpf_obj_get(ctl);

	opts.ctx_in = &ask;
	opts.ctx_size_in = sizeof(ask);
	if (fd < 0 || bpf_prog_test_run_opts(fd, &opts))
		return -1;
	errno = -ask.result;
	return ask.result;
}

static int over(const char *to)
{
	int fs = fsopen("tmpfs", 0), fd;

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -1;
	fd = fsmount(fs, 0, 0);
	if (fd < 0)
		return -1;
	return move_mount(fd, "", AT_FDCWD, to, MOVE_MOUNT_F_EMPTY_PATH);
}

static int memory(int pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	return open(path, O_RDWR);
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";
	int n = argc > 2 ? atoi(argv[2]) : 0;

	if (!strcmp(way, "hold") && argc == 4)
		return hold(argv[2], argv[3]);
	if (!strcmp(way, "map-by-id") && argc == 5)
		return say(way, map_by_id(n, argv[3], argv[4]));
	if (!strcmp(way, "link-by-id") && argc == 3)
		return say(way, bpf_link_get_fd_by_id(n));
	if (!strcmp(way, "inner") && argc == 3)
		return say(way, inner(argv[2]));
	if (!strcmp(way, "extend") && argc == 5)
		return say(way, extend(argv[2], atoi(argv[3]), argv[4]));
	if (!strcmp(way, "role") && argc == 3)
		return say(way, role(argv[2], VG_LOCK_CMD_BEAT));
	if (!strcmp(way, "give-up") && argc == 3)
		return say(way, role(argv[2], VG_LOCK_CMD_GIVE_UP));
	if (!strcmp(way, "steal") && argc == 3)
		return say(way, steal(n));
	if (!strcmp(way, "memory") && argc == 3)
		return say(way, memory(n));
	if (!strcmp(way, "ptrace") && argc == 3)
		return say(way, ptrace(PTRACE_ATTACH, n, NULL, NULL));
	if (!strcmp(way, "move") && argc == 4)
		return say(way,
			   move_mount(AT_FDCWD, argv[2], AT_FDCWD, argv[3], 0));
	if (!strcmp(way, "join") && argc == 4)
		return say(way, move_mount(AT_FDCWD, argv[2], AT_FDCWD, argv[3],
					   MOVE_MOUNT_SET_GROUP));
	if (!strcmp(way, "over") && argc == 3)
		return say(way, over(argv[2]));
	if (!strcmp(way, "mount") && argc == 5)
		return say(way, mount(argv[2], argv[3], NULL,
				      strtoul(argv[4], NULL, 0), NULL));
	fprintf(stderr, "usage: see the top of lock-try.c\n");
	return 99;
}
