// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfioguard run: the daemon
 *
 * Puts the policy in force, drains its events, and passes them on.  The policy
 * does not depend on it: the link is pinned, and whatever ends this process,
 * guests go on under the policy and the next daemon takes over.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libaudit.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "audit_sink.h"
#include "commands.h"
#include "compile.h"
#include "devices.h"
#include "event_log.h"
#include "load.h"
#include "log.h"
#include "notify.h"
#include "store.h"

#define DEFAULT_POLICY "/etc/vfioguard/default.policy"
#define LOCK_FILE VG_RUN_DIR "/lock"
/* Longest that a stop waits for audit to take what is queued. */
#define STOP_SECONDS 3

struct daemon {
	const char *policy;
	bool require_audit;
	struct vg_store store;
	struct ring_buffer *ring;
	struct vg_event_log *log;
	__u64 generation;
	int epoll;
	int signals;
	int timer;
	bool detached; /* said already */
	bool stop;
};

static __u64 boottime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static int on_event(void *context, void *data, size_t size)
{
	struct daemon *d = context;
	struct vg_record record;

	if (size < sizeof(struct vg_event))
		return 0;
	vg_record_fill(&record, data);
	vg_event_log_add(d->log, &record);
	vg_audit_event(&record);
	return 0;
}

/* Only one daemon: two would each get half of the events. */
static enum vg_exit take_lock(void)
{
	int fd;

	if (mkdir(VG_RUN_DIR, 0755) && errno != EEXIST) {
		vg_error("can't make %s: %s", VG_RUN_DIR, strerror(errno));
		return VG_EXIT_FAILURE;
	}
	fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		vg_error("can't open %s: %s", LOCK_FILE, strerror(errno));
		return VG_EXIT_FAILURE;
	}
	/* Kept open, and so locked, until the process ends. */
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		vg_error("another vfioguard daemon is running "
			 "(it holds %s)",
			 LOCK_FILE);
		return VG_EXIT_RUNNING;
	}
	return VG_EXIT_OK;
}

static void beat(const struct daemon *d)
{
	__u64 now = boottime();
	__u32 zero = 0;

	bpf_map_update_elem(d->store.heartbeat, &zero, &now, BPF_ANY);
}

/* Whether the policy file says what is loaded; then live edits are kept. */
static bool file_is_loaded(const char *path)
{
	struct vg_findings findings = {};
	struct vg_compiled compiled = {};
	struct vg_policy policy = {};
	struct vg_config config;
	struct vg_store store;
	struct vg_hook hook;
	bool same = false;

	if (!vg_store_pinned() || vg_store_open(&store))
		return false;
	if (vg_store_attached(&store) &&
	    !vg_store_read_config(&store, &config) &&
	    !vg_policy_read(path, &policy, &findings) &&
	    !vg_hook_probe(&hook) && !vg_compile(&policy, &hook, &compiled))
		same = compiled.config.source &&
		       compiled.config.source == config.source;
	vg_compiled_free(&compiled);
	vg_policy_free(&policy);
	vg_findings_free(&findings);
	vg_store_close(&store);
	return same;
}

/* What happened while no daemon was there. */
static void report_gap(const struct daemon *d)
{
	struct vg_totals totals = {};
	struct vg_device dev;
	__u32 index = 0, zero = 0;
	__u64 last = 0, unreported = 0;

	bpf_map_lookup_elem(d->store.heartbeat, &zero, &last);
	while (vg_devices_next(&d->store, &index, &dev)) {
		vg_totals_add(&totals, &dev);
		unreported += dev.unreported;
	}
	vg_info("took over the loaded policy; no daemon for %llu s, %llu "
		"accesses so far, %llu of them not reported",
		last ? (boottime() - last) / 1000000000ULL : 0, totals.accesses,
		unreported);
}

static enum vg_exit start_policy(struct daemon *d)
{
	bool take_over = file_is_loaded(d->policy);
	struct vg_config config;
	enum vg_exit ret;

	if (!take_over) {
		ret = vg_load_file(d->policy);
		if (ret)
			return ret;
	}
	ret = vg_store_open(&d->store);
	if (ret)
		return ret;
	vg_store_read_config(&d->store, &config);
	d->generation = config.generation;
	if (take_over)
		report_gap(d);
	return VG_EXIT_OK;
}

static void audit_policy(const struct daemon *d, bool ok)
{
	struct vg_config config;
	char *name;

	vg_store_read_config(&d->store, &config);
	name = audit_encode_nv_string("policy", d->policy, 0);
	vg_audit_message(AUDIT_USER_MAC_POLICY_LOAD, ok,
			 "op=load-policy %s generation=%llu enforcing=%d "
			 "key=\"vfioguard\"",
			 name ? name : "policy=?", config.generation,
			 config.mode == VG_MODE_ENFORCE);
	free(name);
}

static int watch(const struct daemon *d, int fd, __u32 events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &event);
}

static enum vg_exit start_loop(struct daemon *d)
{
	struct itimerspec second = { { 1, 0 }, { 1, 0 } };

	d->ring = ring_buffer__new(d->store.events, on_event, d, NULL);
	d->log = vg_event_log_open(true);
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	d->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (!d->ring || !d->log || d->epoll < 0 || d->signals < 0 ||
	    d->timer < 0 || timerfd_settime(d->timer, 0, &second, NULL) ||
	    watch(d, ring_buffer__epoll_fd(d->ring), EPOLLIN) ||
	    watch(d, d->signals, EPOLLIN) || watch(d, d->timer, EPOLLIN) ||
	    watch(d, d->store.link, EPOLLHUP)) {
		vg_error("the daemon could not start: %s", strerror(errno));
		return VG_EXIT_FAILURE;
	}
	return VG_EXIT_OK;
}

/*
 * The descriptors of what is in force now: after a load by us or by `vfioguard
 * load`, allowlist and config are others.
 */
static void reopen(struct daemon *d)
{
	struct vg_config config;
	struct vg_store store;

	if (!vg_store_pinned() || vg_store_open(&store)) {
		vg_store_close(&store);
		return;
	}
	epoll_ctl(d->epoll, EPOLL_CTL_DEL, d->store.link, NULL);
	vg_store_close(&d->store);
	d->store = store;
	watch(d, d->store.link, EPOLLHUP);
	d->detached = false;

	vg_store_read_config(&d->store, &config);
	if (config.generation == d->generation)
		return;
	d->generation = config.generation;
	vg_info("policy generation %llu is in force (%s, %s)",
		config.generation, config.name,
		config.mode == VG_MODE_MONITOR ? "monitor" : "enforce");
	audit_policy(d, true);
}

static void reload(struct daemon *d)
{
	vg_notify("RELOADING=1\nMONOTONIC_USEC=%llu", boottime() / 1000);
	if (vg_load_file(d->policy))
		audit_policy(d, false);
	else
		reopen(d);
	vg_notify("READY=1");
}

static void on_signal(struct daemon *d)
{
	struct signalfd_siginfo info;

	while (read(d->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(d);
		else
			d->stop = true;
	}
}

/* Once, at the moment it happens: from now on nothing is filtered by us. */
static void on_detach(struct daemon *d)
{
	if (d->detached)
		return;
	d->detached = true;
	epoll_ctl(d->epoll, EPOLL_CTL_DEL, d->store.link, NULL);
	vg_error("the policy was detached by someone else; only the kernel's "
		 "module parameters filter now");
	vg_audit_message(AUDIT_USER_MAC_STATUS, true,
			 "op=detached enforcing=0 old_enforcing=1 "
			 "key=\"vfioguard\"");
	vg_notify("STATUS=policy detached by someone else");
}

static void on_timer(struct daemon *d)
{
	struct vg_audit_counts counts;
	struct vg_totals totals = {};
	struct vg_device dev;
	__u32 index = 0;
	__u64 ticks;

	(void)!read(d->timer, &ticks, sizeof(ticks));
	beat(d);
	if (!vg_store_attached(&d->store))
		on_detach(d);
	if (vg_store_pinned())
		reopen(d);

	while (vg_devices_next(&d->store, &index, &dev))
		vg_totals_add(&totals, &dev);
	vg_audit_counts(&counts);
	vg_notify("WATCHDOG=1\nSTATUS=%s; %llu accesses, %llu blocked, %llu "
		  "records to audit, %llu elsewhere",
		  d->detached ? "policy detached" : "policy in force",
		  totals.accesses, totals.verdicts[VG_BLOCK], counts.sent,
		  counts.diverted);
}

static enum vg_exit loop(struct daemon *d)
{
	struct epoll_event events[8];
	int i, n;

	while (!d->stop) {
		n = epoll_wait(d->epoll, events, 8, -1);
		if (n < 0 && errno != EINTR) {
			vg_error("epoll: %s", strerror(errno));
			return VG_EXIT_FAILURE;
		}
		for (i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == d->signals)
				on_signal(d);
			else if (fd == d->timer)
				on_timer(d);
			else if (fd == d->store.link)
				on_detach(d);
			else
				ring_buffer__consume(d->ring);
		}
	}
	return VG_EXIT_OK;
}

/* Before there is a second thread: it would get the signals and die of them. */
static void block_signals(struct daemon *d)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static enum vg_exit run(struct daemon *d)
{
	struct vg_hook hook;
	enum vg_exit ret;

	block_signals(d);
	ret = vg_hook_probe(&hook);
	if (!ret)
		ret = take_lock();
	if (!ret && !vg_audit_start() && d->require_audit) {
		vg_error("auditing is off and --require-audit was given; "
			 "run: auditctl -e 1");
		ret = VG_EXIT_AUDIT_OFF;
	}
	if (!ret)
		ret = start_policy(d);
	if (!ret)
		ret = start_loop(d);
	if (!ret) {
		audit_policy(d, true);
		beat(d);
		ring_buffer__consume(d->ring);
		vg_info("ready; policy generation %llu", d->generation);
		vg_notify("READY=1\nSTATUS=policy in force");
		ret = loop(d);
		vg_notify("STOPPING=1");
		vg_info("stopping; the policy stays in force");
	}
	vg_audit_stop(STOP_SECONDS);
	ring_buffer__free(d->ring);
	vg_event_log_close(d->log);
	vg_store_close(&d->store);
	return ret;
}

int vg_cmd_run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "policy", required_argument, NULL, 'p' },
		{ "require-audit", no_argument, NULL, 'a' },
		{},
	};
	static struct daemon d = {
		.policy = DEFAULT_POLICY,
		.store = { -1, -1, -1, -1, -1, -1 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "p:", options, NULL)) != -1) {
		if (c == 'p')
			d.policy = optarg;
		else if (c == 'a')
			d.require_audit = true;
		else
			return vg_usage("run");
	}
	if (optind != argc)
		return vg_usage("run");
	return run(&d);
}
