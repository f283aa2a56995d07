/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The loaded policy: BPF objects pinned below VG_PIN_DIR.
 *
 * The link is pinned, so the policy holds whether or not any process of ours
 * lives.  A reload makes a new object, fills it, and swaps it in with one
 * update of the link; the entries of map "devices" and the ring buffer go over
 * to it.
 */
#ifndef VFIOGUARD_FORCE_STORE_H
#define VFIOGUARD_FORCE_STORE_H

#include <stddef.h>

#include "kernel/hook.h"
#include "policy/policy.h"
#include "util/exit_codes.h"

#define VG_PIN_DIR "/sys/fs/bpf/vfioguard"

/* Descriptors of what is pinned, -1 where closed. */
struct vg_store {
	int link; /* -1 too where the policy is locked */
	int ask; /* program, see struct vg_ask */
	int allowlist;
	int config;
	int scope_kinds;
	int scopes;
	int rules;
	int owners;
	int keys;
	int files;
	int devices;
	int events;
	int heartbeat;
	int learned;
	int learned_owners;
	int learn_lost;
	/*
	 * On a stock kernel the arrays behind the doors, which are emptied when
	 * nobody has them open: then who still holds the link refuses everything.
	 */
	int door_trace;
	int door_lsm;
};

/* To start with, so that vg_store_close() may always be called. */
#define VG_STORE_CLOSED                             \
	{                                           \
		-1, -1, -1, -1, -1, -1, -1, -1, -1, \
		-1, -1, -1, -1, -1, -1, -1, -1, -1  \
	}

/* One pinned map. */
struct vg_store_map {
	const char *name; /* of the pin and in the BPF object */
	size_t fd; /* offset in struct vg_store */
	__u32 key_size;
	__u32 value_size;
	bool stays; /* goes over to the next policy */
	bool judges; /* used by the program that judges an access */
};

/*
 * All of them, ended by a NULL name.  "config" comes first: a map opened behind it
 * is not of an older policy.
 */
extern const struct vg_store_map vg_store_maps[];

int *vg_store_map_fd(struct vg_store *store, const struct vg_store_map *map);

/**
 * vg_store_open() - open the policy that is loaded
 * @store: to be closed with vg_store_close(), also after an error
 *
 * What is opened is what is in force: where a load was cut short, this ends it
 * (force/recover.h), and while one is at work it waits for that.
 *
 * Return: VG_EXIT_OK, VG_EXIT_PRIVILEGE, VG_EXIT_NOT_LOADED, or
 * VG_EXIT_FAILURE if what is pinned is of another version of this program, or
 * not what is in force.  Says what is wrong.
 */
enum vg_exit vg_store_open(struct vg_store *store);

/**
 * vg_store_open_held() - the same for who holds the store's lock
 */
enum vg_exit vg_store_open_held(struct vg_store *store);

void vg_store_close(struct vg_store *store);

/* Whether a policy is pinned; says nothing. */
bool vg_store_pinned(void);

/**
 * vg_store_load() - put a policy in force
 * @policy: parsed and free of errors
 * @hook: of this kernel
 *
 * Attaches and pins it, or replaces the one that is loaded, whole.  On error
 * what was loaded stays in force.
 *
 * Return: VG_EXIT_OK, VG_EXIT_POLICY or VG_EXIT_FAILURE.
 */
enum vg_exit vg_store_load(const struct vg_policy *policy,
			   const struct vg_hook *hook);

/**
 * vg_store_learn() - begin or end learning
 * @on: true: monitor mode, and every access is recorded in map "learned", also
 *      of regions the policy has no say in; false: back to the mode before
 *
 * Loading a policy ends it too, so that the new one is in force as written.
 * The rules stay, live edits too.  No access goes unjudged in between.
 *
 * Return: VG_EXIT_OK, also when nothing had to be changed, or as
 * vg_store_open() and vg_store_load().
 */
enum vg_exit vg_store_learn(bool on);

/* Detach and unpin, also half of one.  Return: as vg_store_open(). */
enum vg_exit vg_store_unload(void);

/**
 * vg_store_ask() - what the loaded maps say about an access
 * @ask: its first half filled in; the program fills in the other
 *
 * Return: 0 or a negative errno.
 */
int vg_store_ask(const struct vg_store *store, struct vg_ask *ask);

int vg_store_read_config(const struct vg_store *store,
			 struct vg_config *config);

/* Regions of the kernel as the loaded policy has them: see vg_hook_of(). */
enum vg_exit vg_store_hook(const struct vg_store *store, struct vg_hook *hook);

/* The kernel's number of a map, 0 if it can't be told. */
__u32 vg_store_map_id(int fd);

/**
 * vg_store_attached() - whether the pinned link still holds the policy
 *
 * Somebody may have detached it (bpftool link detach); then its pin remains.
 */
bool vg_store_attached(const struct vg_store *store);

/**
 * vg_store_trouble() - why the policy of @config does not protect, attached or not
 *
 * Return: as vg_stock_trouble(); NULL also for one that only observes.
 */
const char *vg_store_trouble(const struct vg_config *config);

#endif
