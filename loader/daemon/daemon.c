// SPDX-License-Identifier: GPL-2.0-only
/*
 * The daemon's life.
 *
 * Puts the policy in force, drains its events, and passes them on.  The policy
 * does not depend on it: the link is pinned, and whatever ends this process,
 * guests go on under the policy and the next daemon takes over.
 */
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "daemon/audit_sink.h"
#include "daemon/daemon.h"
#include "daemon/flood.h"
#include "daemon/internal.h"
#include "daemon/list_watch.h"
#include "daemon/metrics.h"
#include "daemon/notify.h"
#include "daemon/reload.h"
#include "daemon/tell.h"
#include "force/lock_state.h"
#include "force/store_lock.h"
#include "util/log.h"
#include "util/paths.h"

#define LOCK_FILE VG_RUN_DIR "/lock"
/* Longest that a stop waits for audit to take what is queued. */
#define STOP_SECONDS 3

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

/* A link of a stock kernel tells nothing, and can't be detached by force. */
static int watch_link(const struct vg_daemon *d)
{
	if (d->store.link < 0 || !vg_watch(d, d->store.link, EPOLLHUP) ||
	    errno == EPERM)
		return 0;
	return -1;
}

static enum vg_exit start_loop(struct vg_daemon *d)
{
	struct itimerspec second = { { 1, 0 }, { 1, 0 } };

	/* With a lock, only who beats may read the events. */
	vg_beat(d);
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	d->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (d->epoll < 0 || d->signals < 0 || d->timer < 0 ||
	    timerfd_settime(d->timer, 0, &second, NULL) || !vg_open_ring(d) ||
	    vg_watch(d, d->signals, EPOLLIN) ||
	    vg_watch(d, d->timer, EPOLLIN) || watch_link(d)) {
		vg_error("the daemon could not start: %s", strerror(errno));
		return VG_EXIT_FAILURE;
	}
	vg_follow_lock(d);
	return VG_EXIT_OK;
}

/*
 * The descriptors of what is in force now: after a load by us or by `vfioguard
 * load`, allowlist and config are others.
 */
static void reopen(struct vg_daemon *d)
{
	struct vg_config config;
	struct vg_store store;
	bool other_ring;

	/*
	 * While it is being replaced there is nothing to see yet.  Who makes a lock
	 * waits for us to let go of the link.
	 */
	if (!vg_store_pinned() || (vg_store_locked() && !vg_lock_pinned()))
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
	vg_watch(d, d->store.link, EPOLLHUP);
	/* Perhaps a map that nobody has beaten in yet. */
	vg_beat(d);
	/* Unloaded and loaded: the events come from another ring buffer. */
	if (other_ring && !vg_open_ring(d))
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

/* One at a time: the last of several SIGHUPs gets the policy of after it. */
static void start_reload(struct vg_daemon *d)
{
	int ret;

	if (vg_reload_runs()) {
		d->reload_again = true;
		return;
	}
	d->reload_again = false;
	vg_notify("RELOADING=1\nMONOTONIC_USEC=%llu", vg_monotonic() / 1000);
	ret = vg_reload_start(d->settings.policy, d->settings.mode);
	if (!ret)
		return;
	vg_error("no process for the reload: %s", strerror(-ret));
	vg_tell_policy("load-policy", d->settings.policy, &d->config, false);
	vg_notify("READY=1");
}

static void end_reload(struct vg_daemon *d)
{
	bool ok;

	if (!vg_reload_ended(&ok))
		return;
	if (ok)
		reopen(d);
	else
		vg_tell_policy("load-policy", d->settings.policy, &d->config,
			       false);
	vg_notify("READY=1");
	if (d->reload_again)
		start_reload(d);
}

static void on_signal(struct vg_daemon *d)
{
	struct signalfd_siginfo info;

	while (read(d->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			start_reload(d);
		else if (info.ssi_signo == SIGCHLD)
			end_reload(d);
		else
			d->stop = true;
	}
}

/* Once, at the moment it happens: from now on nothing is filtered by us. */
static void on_detach(struct vg_daemon *d)
{
	if (d->detached)
		return;
	d->detached = true;
	epoll_ctl(d->epoll, EPOLL_CTL_DEL, d->store.link, NULL);
	vg_tell_detached(d->config.mode);
	vg_notify("STATUS=policy detached by someone else");
}

static void write_metrics(struct vg_daemon *d)
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

	while (vg_flood_next(vg_boottime(), all, &flood))
		vg_tell_flood(&flood);
}

/* On a stock kernel root can make our programs useless, without a word. */
static void watch_kernel(struct vg_daemon *d)
{
	const char *trouble = vg_store_trouble(&d->config);

	/* One may turn into the other. */
	if (trouble && trouble != d->trouble)
		vg_error("%s", trouble);
	else if (d->trouble && !trouble)
		vg_info("the kernel lets the policy filter again");
	d->trouble = trouble;
}

static const char *state_word(const struct vg_daemon *d)
{
	if (d->trouble)
		return "NOT PROTECTING, see vfioguard status";
	return d->detached ? "policy detached" : "policy in force";
}

static void on_timer(struct vg_daemon *d)
{
	struct vg_daemon_counts counts;
	__u64 ticks;

	(void)!read(d->timer, &ticks, sizeof(ticks));
	/* Also what came while nobody was woken. */
	vg_drain(d);
	vg_beat(d);
	if (!vg_store_attached(&d->store))
		on_detach(d);
	vg_reload_tick();
	if (vg_store_pinned())
		reopen(d);
	vg_follow_lock(d);
	watch_kernel(d);
	vg_list_changes(d->store.allowlist, vg_tell_list_change);
	tell_floods(false);
	write_metrics(d);
	vg_event_log_counts(d->log, &counts);
	vg_notify("WATCHDOG=1\nSTATUS=%s; %llu events, %llu records to audit, "
		  "%llu to the journal",
		  state_word(d), counts.events, counts.audit, counts.journal);
}

static enum vg_exit loop(struct vg_daemon *d)
{
	struct epoll_event events[8];
	int i, n;

	/* Whoever holds it may be stopped, and the events would wait. */
	vg_store_lock_wait(0);
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
				vg_drain(d);
		}
	}
	return VG_EXIT_OK;
}

/* Before there is a second thread: it would get the signals and die of them. */
static void block_signals(struct vg_daemon *d)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* Who started us may have ignored it, and then no child can be waited for. */
	signal(SIGCHLD, SIG_DFL);
	d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/*
 * What loading a policy and writing records takes, and nothing else; of the bounding
 * set too, which is what the process of a reload gets.  That set is changed only by
 * those who may, which the service may not: its unit has bounded it already, and
 * libcap-ng since 0.8.4 fails where it can't.
 */
static void drop_capabilities(void)
{
	capng_select_t set;

	capng_get_caps_process();
	set = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) ?
		      CAPNG_SELECT_BOTH :
		      CAPNG_SELECT_CAPS;
	capng_clear(CAPNG_SELECT_BOTH);
	capng_updatev(CAPNG_ADD,
		      CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET,
		      CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN, CAP_AUDIT_WRITE,
		      CAP_AUDIT_CONTROL, CAP_SYSLOG, -1);
	if (capng_apply(set))
		vg_warn("capabilities could not be dropped: %s",
			strerror(errno));
}

/*
 * Before audit is started, which counts there.  The log is for looking back; to
 * guard and to record goes on without it.
 */
static enum vg_exit start_log(struct vg_daemon *d)
{
	__u64 lost;

	d->log = vg_event_log_open(true);
	if (!d->log) {
		vg_warn("no event log, so vfioguard events has nothing: %s: "
			"%s; it needs %zu kB there, and the daemon a restart",
			VG_EVENT_LOG, strerror(errno), sizeof(*d->log) / 1000);
		d->log = vg_event_log_in_memory();
	}
	if (!d->log) {
		vg_error("no memory for the daemon's counts: %s",
			 strerror(errno));
		return VG_EXIT_FAILURE;
	}
	lost = vg_event_log_resume(d->log);
	if (lost)
		vg_warn("the last daemon ended with %llu events that got no "
			"record; vfioguard events has them",
			lost);
	return VG_EXIT_OK;
}

static enum vg_exit start_audit(const struct vg_daemon *d)
{
	bool on = vg_audit_start(d->settings.audit != VG_AUDIT_NO, d->log);

	if (on || d->settings.audit != VG_AUDIT_REQUIRE)
		return VG_EXIT_OK;
	vg_error("auditing is off and was required; run: auditctl -e 1");
	return VG_EXIT_AUDIT_OFF;
}

static enum vg_exit run(struct vg_daemon *d)
{
	struct vg_hook hook;
	enum vg_exit ret;

	block_signals(d);
	vg_log_never_wait();
	vg_hook_wish(d->settings.mode);
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
		ret = vg_start_policy(d);
	if (!ret)
		ret = start_loop(d);
	if (!ret) {
		vg_beat(d);
		vg_drain(d);
		vg_info("ready; policy generation %llu", d->config.generation);
		vg_notify("READY=1\nSTATUS=policy in force");
		ret = loop(d);
		vg_notify("STOPPING=1");
		vg_reload_stop();
		vg_info("stopping; the policy stays in force");
		tell_floods(true);
	}
	vg_audit_stop(STOP_SECONDS);
	ring_buffer__free(d->ring);
	vg_close_attempts(d);
	vg_event_log_close(d->log);
	vg_store_close(&d->store);
	return ret;
}

enum vg_exit vg_daemon_run(const struct vg_settings *settings)
{
	static struct vg_daemon d = { .store = VG_STORE_CLOSED };

	d.settings = *settings;
	/* Sooner or later one huge page would be a third of all it has. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	/* Or glibc puts what is large into the heap from the second time on. */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	return run(&d);
}
