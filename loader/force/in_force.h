/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What really decides: the program that a link holds, and the maps it uses.  Pins
 * only have names.
 */
#ifndef VFIOGUARD_FORCE_IN_FORCE_H
#define VFIOGUARD_FORCE_IN_FORCE_H

#include <linux/types.h>
#include <stdbool.h>

/* A BPF program uses 64 maps at most. */
#define VG_PROG_MAPS 64

/* Kernel's numbers of the maps that a program uses. */
struct vg_prog_maps {
	__u32 ids[VG_PROG_MAPS];
	__u32 nr;
};

/* Return: 0 or a negative errno. */
int vg_prog_maps_read(int prog, struct vg_prog_maps *maps);

/**
 * vg_ops_program() - the program behind access(), the first member of the ops
 * @ops: descriptor of a map of ops
 *
 * Return: a descriptor to be closed, or a negative errno.
 */
int vg_ops_program(int ops);

/**
 * vg_behind_door() - the program of a stock kernel's policy behind one of its doors
 * @door: maps of the door; an array of programs is the only one, but for constants
 *
 * Return: a descriptor to be closed, or a negative errno: -ENOLINK if there is no
 * such array, -ENOENT if it is empty.
 */
int vg_behind_door(const struct vg_prog_maps *door);

/**
 * vg_in_force_read() - the maps of the policy in force
 * @link: descriptor of the pinned link
 *
 * Return: 0, -ENOLINK if the link was detached, or another negative errno;
 * -ENOENT also if the policy was replaced just now.
 */
int vg_in_force_read(int link, struct vg_prog_maps *maps);

/* Whether @map, a descriptor, is one of them. */
bool vg_prog_maps_have(const struct vg_prog_maps *maps, int map);

#endif
