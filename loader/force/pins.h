/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pins of the loaded policy.  For who holds the store's lock, see
 * force/store_lock.h.
 */
#ifndef VFIOGUARD_FORCE_PINS_H
#define VFIOGUARD_FORCE_PINS_H

#include <bpf/libbpf.h>

#include "force/store.h"

#define VG_PIN(name) VG_PIN_DIR "/" name
/* Of a policy that is about to come into force; bpffs takes no dots in names. */
#define VG_PIN_NEW_SUFFIX "_new"
#define VG_PIN_NEW(name) VG_PIN(name) VG_PIN_NEW_SUFFIX

/* Beside the old ones, which stay.  Return: 0 or a negative errno. */
int vg_pins_prepare(const struct bpf_object *obj);

/*
 * Over the old ones, "config" last.  Return: the same; some may have been moved
 * then, and this may be called again.
 */
int vg_pins_commit(void);

/* One that is never replaced, for a first policy.  Return: the same. */
int vg_pins_add(const struct bpf_object *obj, const struct vg_store_map *map);

/* All of them, the folder too. */
void vg_pins_remove(void);

#endif
