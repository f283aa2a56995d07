/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODEL_LOADER_H
#define MODEL_LOADER_H

#include "kernel/native.h"
#include "compile/compile.h"
#include "force/store.h"

/* What the module parameters say about the access that is asked about. */
extern enum vg_native model_native;

/* The policy in force, for the names of keys and files. */
extern const struct vg_compiled *model_compiled;

/* A store whose maps are the program's. */
void model_store(struct vg_store *store);

#endif
