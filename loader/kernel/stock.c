// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kernel/stock.h"
#include "probe.skel.h"
#include "util/log.h"

/* What probe_trace returns instead of the 4 bytes that are written. */
#define TRIED_BYTES 4
#define TOLD_BYTES 3

static const char *const preemptions[] = {
	[VG_PREEMPT_NONE] = "none",
	[VG_PREEMPT_VOLUNTARY] = "voluntary",
	[VG_PREEMPT_FULL] = "full",
	[VG_PREEMPT_LAZY] = "lazy",
	[VG_PREEMPT_RT] = "real-time (rt)",
	[VG_PREEMPT_UNKNOWN] = "unknown",
};

const char *vg_preemption_word(enum vg_preemption preemption)
{
	return preemptions[preemption];
}

static bool ftrace_off(void)
{
	FILE *f = fopen("/proc/sys/kernel/ftrace_enabled", "re");
	int value = 1;

	if (!f)
		return false;
	if (fscanf(f, "%d", &value) != 1)
		value = 1;
	fclose(f);
	return !value;
}

/* Of a kernel whose model was chosen when it was built. */
static enum vg_preemption built_in(void)
{
	struct utsname u;

	if (uname(&u))
		return VG_PREEMPT_UNKNOWN;
	if (strstr(u.version, "PREEMPT_RT"))
		return VG_PREEMPT_RT;
	/* One that could be chosen, and that we were not told of. */
	if (strstr(u.version, "PREEMPT_DYNAMIC"))
		return VG_PREEMPT_UNKNOWN;
	if (strstr(u.version, "PREEMPT_LAZY"))
		return VG_PREEMPT_LAZY;
	return strstr(u.version, "PREEMPT") ? VG_PREEMPT_FULL :
					      VG_PREEMPT_VOLUNTARY;
}

/* The kernel's own variable; the command line only says what was asked for. */
static enum vg_preemption find_preemption(const struct probe_bpf *skel)
{
	/* kernel/sched/core.c, from 6.1 to 7.3 */
	static const enum vg_preemption modes[] = {
		VG_PREEMPT_NONE,
		VG_PREEMPT_VOLUNTARY,
		VG_PREEMPT_FULL,
		VG_PREEMPT_LAZY,
	};
	struct {
		__s32 mode;
		__u32 known;
	} answer = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	enum vg_preemption preemption = built_in();

	if (preemption == VG_PREEMPT_RT)
		return preemption;
	opts.ctx_in = &answer;
	opts.ctx_size_in = sizeof(answer);
	if (bpf_prog_test_run_opts(bpf_program__fd(skel->progs.probe_preempt),
				   &opts) ||
	    !answer.known)
		return preemption;
	if (answer.mode < 0 ||
	    answer.mode >= (int)(sizeof(modes) / sizeof(modes[0])))
		return VG_PREEMPT_UNKNOWN;
	return modes[answer.mode];
}

/* A write ends with what the program says, and the file stays empty. */
static bool try_trace(const struct probe_bpf *skel, int fd)
{
	struct bpf_link *link;
	struct stat st;
	ssize_t ret;

	link = bpf_program__attach(skel->progs.probe_trace);
	if (!link)
		return false;
	ret = pwrite(fd, "vfio", TRIED_BYTES, 0);
	bpf_link__destroy(link);
	return ret == TOLD_BYTES && !fstat(fd, &st) && !st.st_size;
}

/* Attaching succeeds also where such programs are never called. */
static bool try_lsm(const struct probe_bpf *skel, int fd)
{
	struct bpf_link *link;
	ssize_t ret;
	char byte;
	int err;

	link = bpf_program__attach(skel->progs.probe_lsm);
	if (!link)
		return false;
	ret = pread(fd, &byte, 1, 0);
	err = errno;
	bpf_link__destroy(link);
	return ret == -1 && err == EPERM;
}

/* One that the kernel refuses must not keep us from trying the others. */
static struct probe_bpf *load_probe(__u64 ino, bool trace, bool lsm)
{
	struct probe_bpf *skel = probe_bpf__open();

	if (!skel)
		return NULL;
	skel->rodata->probe_tgid = getpid();
	skel->rodata->probe_ino = ino;
	bpf_program__set_autoload(skel->progs.probe_trace, trace);
	bpf_program__set_autoload(skel->progs.probe_lsm, lsm);
	if (!probe_bpf__load(skel))
		return skel;
	probe_bpf__destroy(skel);
	return NULL;
}

int vg_stock_test(struct vg_stock *stock)
{
	struct probe_bpf *skel;
	struct stat st;
	int fd;

	memset(stock, 0, sizeof(*stock));
	stock->preemption = built_in();
	stock->ftrace_off = ftrace_off();
	fd = memfd_create("vfioguard-test", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		close(fd);
		return -errno;
	}
	skel = load_probe(st.st_ino, true, false);
	if (skel) {
		stock->preemption = find_preemption(skel);
		stock->trace = try_trace(skel, fd);
	}
	probe_bpf__destroy(skel);
	skel = load_probe(st.st_ino, false, true);
	if (skel)
		stock->lsm = try_lsm(skel, fd);
	probe_bpf__destroy(skel);
	close(fd);
	return 0;
}

/* Whether a task can be preempted in a tracing program, so that others pass it. */
static bool preempts(enum vg_preemption preemption)
{
	return preemption != VG_PREEMPT_NONE &&
	       preemption != VG_PREEMPT_VOLUNTARY;
}

bool vg_stock_protects(const struct vg_stock *stock)
{
	return stock->lsm || (stock->trace && !preempts(stock->preemption));
}

static enum vg_preemption preemption_now(void)
{
	/* Kept: each load of a program is a record in the audit log. */
	static struct probe_bpf *skel;

	if (!skel)
		skel = load_probe(0, false, false);
	return skel ? find_preemption(skel) : built_in();
}

const char *vg_stock_trouble(bool lsm)
{
	static char text[192];
	enum vg_preemption preemption;

	if (ftrace_off())
		return "kernel.ftrace_enabled is 0, so the kernel calls none of "
		       "the policy's programs, and NOTHING IS FILTERED; run: "
		       "sysctl kernel.ftrace_enabled=1";
	if (lsm)
		return NULL;
	preemption = preemption_now();
	if (!preempts(preemption))
		return NULL;
	snprintf(
		text, sizeof(text),
		"the kernel preempts now (%s) and calls no BPF LSM programs, so "
		"the policy CAN BE PASSED; run: echo voluntary > "
		"/sys/kernel/debug/sched/preempt",
		vg_preemption_word(preemption));
	return text;
}
