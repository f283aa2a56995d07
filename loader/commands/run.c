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
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/audit_sink.h"
#include "commands/commands.h"
#include "maps/compile.h"
#include "daemon/config.h"
#include "maps/devices.h"
#include "daemon/event_log.h"
#include "daemon/flood.h"
#include "daemon/list_watch.h"
#include "commands/load.h"
#include "lock/lock.h"
#include "util/log.h"
#include "daemon/metrics.h"
#include "daemon/notify.h"
#include "maps/store.h"
#include "daemon/tell.h"

#define LOCK_FILE VG_RUN_DIR "/lock"
/* Longest that a stop waits for audit to take what is queued. */
#define STOP_SECONDS 3
/* Events taken in one go, so that signals and the timer get their turn. */
#define DRAIN_EVENTS 1024

struct daemon {
	struct vg_settings settings;
	struct vg_store store;
	struct ring_buffer *ring;
	struct ring_buffer *attempts; /* of a lock, NULL without one */
	__u32 attempts_id;
	struct vg_event_log *log;
	struct vg_config config; /* of what is in force */
	unsigned int ticks; /* seconds since the metrics were written */
	int epoll;
	int signals;
	int timer;
	bool detached; /* said already */
	bool replaced; /* the same: the lock has another daemon */
	bool stop;
};

static __u64 now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static __u64 boottime(void)
{
	return now_ns(CLOCK_BOOTTIME);
}

static __u64 monotonic(void)
{
	return now_ns(CLOCK_MONOTONIC);
}

static int on_event(void *context, void *data, size_t size)
{
	static const struct vg_daemon_counts held = { .events = 1, .held = 1 };
	struct daemon *d = context;
	struct vg_record record;

	if (size < sizeof(struct vg_event))
		return 0;
	vg_record_fill(&record, data);
	/* The numbers are of the policy that decided; another may be loaded. */
	if (record.event.generation == d->config.generation)
		vg_rule_source(&d->store, record.event.line, record.event.file,
			       record.event.key, &record.rule);
	vg_event_log_add(d->log, &record);
	if (vg_flood_pass(&record.event, boottime()))
		vg_audit_event(&record);
	else
		vg_event_log_count(d->log, &held);
	return 0;
}

static int on_attempt(void *context, void *data, size_t size)
{
	(void)context;
	if (size >= sizeof(struct vg_attempt))
		vg_tell_attempt(data);
	return 0;
}

/*
 * Take what waits in the ring buffers, but not for as long as more comes: the
 * rest keeps the descriptor readable.
 */
static void drain(const struct daemon *d)
{
	if (d->ring)
		ring_buffer__consume_n(d->ring, DRAIN_EVENTS);
	if (d->attempts)
		ring_buffer__consume_n(d->attempts, DRAIN_EVENTS);
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

/* A lock lets nobody write the map, but knows who is the daemon. */
static void beat_locked(struct daemon *d)
{
	int ctl = vg_lock_open_ctl();
	int ret = ctl < 0 ? -errno : vg_lock_beat(ctl);

	if (ctl >= 0)
		close(ctl);
	/* -EINVAL: it is only being made. */
	if (ret && ret != -EINVAL && !d->replaced)
		vg_error("the lock does not take this process for the daemon: "
			 "%s",
			 strerror(-ret));
	d->replaced = ret && ret != -EINVAL;
}

static void beat(struct daemon *d)
{
	__u64 now = boottime();
	__u32 zero = 0;

	if (vg_lock_pinned())
		beat_locked(d);
	else
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

	if (!vg_store_pinned())
		return false;
	if (!vg_store_open(&store) && vg_store_attached(&store) &&
	    !vg_store_read_config(&store, &config) &&
	    !vg_policy_read(path, &policy, &findings) &&
	    !vg_hook_probe(&hook) && !vg_compile(&policy, &hook, &compiled))
		same = compiled.config.source &&
		       compiled.config.source == config.source &&
		       config.program == vg_store_program();
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

static enum vg_exit lock_policy(struct daemon *d)
{
	enum vg_exit ret;

	if (vg_lock_sealed())
		return VG_EXIT_OK;
	/* Nobody may hold the link then, the daemon neither. */
	vg_store_close(&d->store);
	ret = vg_lock();
	return ret ? ret : vg_store_open(&d->store);
}

static enum vg_exit start_policy(struct daemon *d)
{
	bool same = file_is_loaded(d->settings.policy), locked;
	enum vg_exit ret;
	bool take_over;

	locked = vg_lock_sealed();
	take_over = same || locked;
	if (locked && !same)
		vg_warn("the loaded policy is locked and not what %s says; "
			"it stays until the next boot",
			d->settings.policy);
	if (!take_over) {
		ret = vg_load_file(d->settings.policy);
		if (ret)
			return ret;
	}
	ret = vg_store_open(&d->store);
	if (ret)
		return ret;
	vg_store_read_config(&d->store, &d->config);
	vg_list_start(d->store.allowlist);
	if (take_over)
		report_gap(d);
	vg_tell_policy(take_over ? "take-over-policy" : "load-policy",
		       locked ? d->config.name : d->settings.policy, &d->config,
		       true);
	return d->settings.lock ? lock_policy(d) : VG_EXIT_OK;
}

static int watch(const struct daemon *d, int fd, __u32 events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &event);
}

static bool open_ring(struct daemon *d)
{
	if (d->ring)
		ring_buffer__free(d->ring);
	d->ring = ring_buffer__new(d->store.events, on_event, d, NULL);
	return d->ring && !watch(d, ring_buffer__epoll_fd(d->ring), EPOLLIN);
}

static void close_attempts(struct daemon *d)
{
	ring_buffer__free(d->attempts);
	d->attempts = NULL;
	d->attempts_id = 0;
}

/* A lock came, or one that could not be made went. */
static void follow_lock(struct daemon *d)
{
	int fd = vg_lock_pinned() ? vg_lock_open_attempts() : -1;
	__u32 id = fd < 0 ? 0 : vg_store_map_id(fd);

	if (id != d->attempts_id)
		close_attempts(d);
	if (id && !d->attempts) {
		d->attempts = ring_buffer__new(fd, on_attempt, d, NULL);
		/* Refused as long as another process is the daemon. */
		if (d->attempts &&
		    !watch(d, ring_buffer__epoll_fd(d->attempts), EPOLLIN))
			d->attempts_id = id;
		else
			close_attempts(d);
	}
	if (fd >= 0)
		close(fd);
}

static enum vg_exit start_loop(struct daemon *d)
{
	struct itimerspec second = { { 1, 0 }, { 1, 0 } };

	/* With a lock, only who beats may read the events. */
	beat(d);
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	d->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (d->epoll < 0 || d->signals < 0 || d->timer < 0 ||
	    timerfd_settime(d->timer, 0, &second, NULL) || !open_ring(d) ||
	    watch(d, d->signals, EPOLLIN) || watch(d, d->timer, EPOLLIN) ||
	    (d->store.link >= 0 && watch(d, d->store.link, EPOLLHUP))) {
		vg_error("the daemon could not start: %s", strerror(errno));
		return VG_EXIT_FAILURE;
	}
	follow_lock(d);
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
	bool other_ring;

	if (!vg_store_pinned())
		return;
	/* A detached link's pin remains; nothing new is behind it. */
	if (vg_store_open(&store) || !vg_store_attached(&store)) {
		vg_store_close(&store);
		return;
	}
	epoll_ctl(d->epoll, EPOLL_CTL_DEL, d->store.link, NULL);
	other_ring = vg_store_map_id(store.events) !=
		     vg_store_map_id(d->store.events);
	vg_store_close(&d->store);
	d->store = store;
	watch(d, d->store.link, EPOLLHUP);
	/* Perhaps a map that nobody has beaten in yet. */
	beat(d);
	/* Unloaded and loaded: the events come from another ring buffer. */
	if (other_ring && !open_ring(d))
		vg_error("the new policy's events can't be read: %s",
			 strerror(errno));
	d->detached = false;

	vg_store_read_config(&d->store, &config);
	if (config.generation == d->config.generation &&
	    config.loaded_at == d->config.loaded_at)
		return;
	if (config.mode != d->config.mode)
		vg_tell_mode(d->config.mode, config.mode);
	d->config = config;
	vg_list_start(d->store.allowlist);
	/* Maybe loaded by hand, from another file. */
	vg_tell_policy("load-policy", config.name, &config, true);
}

static void reload(struct daemon *d)
{
	vg_notify("RELOADING=1\nMONOTONIC_USEC=%llu", monotonic() / 1000);
	if (vg_load_file(d->settings.policy))
		vg_tell_policy("load-policy", d->settings.policy, &d->config,
			       false);
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
	vg_tell_detached(d->config.mode);
	vg_notify("STATUS=policy detached by someone else");
}

static void write_metrics(struct daemon *d)
{
	const char *path = d->settings.metrics;
	struct vg_daemon_counts counts;
	int ret;

	if (!path[0] || ++d->ticks < d->settings.metrics_interval)
		return;
	d->ticks = 0;
	vg_event_log_counts(d->log, &counts);
	ret = vg_metrics_file(&d->store, &counts, path);
	if (ret)
		vg_warn("can't write %s: %s", path, strerror(-ret));
}

static void tell_floods(bool all)
{
	struct vg_flood flood;

	while (vg_flood_next(boottime(), all, &flood))
		vg_tell_flood(&flood);
}

static void on_timer(struct daemon *d)
{
	struct vg_daemon_counts counts;
	__u64 ticks;

	(void)!read(d->timer, &ticks, sizeof(ticks));
	/* Also what came while nobody was woken. */
	drain(d);
	beat(d);
	if (!vg_store_attached(&d->store))
		on_detach(d);
	if (vg_store_pinned())
		reopen(d);
	follow_lock(d);
	vg_list_changes(d->store.allowlist, vg_tell_list_change);
	tell_floods(false);
	write_metrics(d);
	vg_event_log_counts(d->log, &counts);
	vg_notify("WATCHDOG=1\nSTATUS=%s; %llu events, %llu records to audit, "
		  "%llu to the journal",
		  d->detached ? "policy detached" : "policy in force",
		  counts.events, counts.audit, counts.journal);
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
				drain(d);
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

/* What loading a policy and writing records takes, and nothing else. */
static void drop_capabilities(void)
{
	capng_clear(CAPNG_SELECT_BOTH);
	capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_BPF,
		      CAP_PERFMON, CAP_SYS_ADMIN, CAP_AUDIT_WRITE,
		      CAP_AUDIT_CONTROL, -1);
	if (capng_apply(CAPNG_SELECT_BOTH))
		vg_warn("capabilities could not be dropped: %s",
			strerror(errno));
}

/* Before audit is started, which counts there. */
static enum vg_exit start_log(struct daemon *d)
{
	__u64 lost;

	d->log = vg_event_log_open(true);
	if (!d->log) {
		vg_error("can't open %s: %s", VG_EVENT_LOG, strerror(errno));
		return VG_EXIT_FAILURE;
	}
	lost = vg_event_log_resume(d->log);
	if (lost)
		vg_warn("the last daemon ended with %llu events that got no "
			"record; vfioguard events has them",
			lost);
	return VG_EXIT_OK;
}

static enum vg_exit start_audit(const struct daemon *d)
{
	bool on = vg_audit_start(d->settings.audit != VG_AUDIT_NO, d->log);

	if (on || d->settings.audit != VG_AUDIT_REQUIRE)
		return VG_EXIT_OK;
	vg_error("auditing is off and was required; run: auditctl -e 1");
	return VG_EXIT_AUDIT_OFF;
}

static enum vg_exit run(struct daemon *d)
{
	struct vg_hook hook;
	enum vg_exit ret;

	block_signals(d);
	vg_log_never_wait();
	ret = vg_hook_probe(&hook);
	if (!ret)
		ret = take_lock();
	if (!ret)
		ret = start_log(d);
	if (!ret) {
		/* Before there is a second thread, which would keep its own. */
		drop_capabilities();
		ret = start_audit(d);
	}
	if (!ret)
		ret = start_policy(d);
	if (!ret)
		ret = start_loop(d);
	if (!ret) {
		beat(d);
		drain(d);
		vg_info("ready; policy generation %llu", d->config.generation);
		vg_notify("READY=1\nSTATUS=policy in force");
		ret = loop(d);
		vg_notify("STOPPING=1");
		vg_info("stopping; the policy stays in force");
		tell_floods(true);
	}
	vg_audit_stop(STOP_SECONDS);
	ring_buffer__free(d->ring);
	close_attempts(d);
	vg_event_log_close(d->log);
	vg_store_close(&d->store);
	return ret;
}

int vg_cmd_run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "policy", required_argument, NULL, 'p' },
		{ "require-audit", no_argument, NULL, 'a' },
		{},
	};
	static struct daemon d = { .store = VG_STORE_CLOSED };
	const char *config = NULL, *policy = NULL;
	bool require_audit = false;
	int c;

	while ((c = getopt_long(argc, argv, "c:p:", options, NULL)) != -1) {
		if (c == 'c')
			config = optarg;
		else if (c == 'p')
			policy = optarg;
		else if (c == 'a')
			require_audit = true;
		else
			return vg_usage("run");
	}
	if (optind != argc || (policy && strlen(policy) >= PATH_MAX))
		return vg_usage("run");

	vg_config_defaults(&d.settings);
	if (vg_config_read(config ? config : VG_CONFIG_FILE, !config,
			   &d.settings))
		return VG_EXIT_USAGE;
	/* The command line has the last word. */
	if (policy)
		strcpy(d.settings.policy, policy);
	if (require_audit)
		d.settings.audit = VG_AUDIT_REQUIRE;
	/* Sooner or later one huge page would be a third of all it has. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	/* Or glibc puts what is large into the heap from the second time on. */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	return run(&d);
}
