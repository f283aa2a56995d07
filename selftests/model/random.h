/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random policies and accesses, from a small stock of devices, places and values,
 * so that rules overlap.  The same for a seed on every machine.
 */
#ifndef MODEL_RANDOM_H
#define MODEL_RANDOM_H

#include <stdint.h>

#include "policy/policy.h"

void random_seed(uint64_t seed);
uint32_t random32(void);

/* 0 to @n - 1. */
uint32_t below(uint32_t n);

#define PICK(list) ((list)[below(sizeof(list) / sizeof((list)[0]))])

uint32_t random_class(void);

/* A value that rules may have, of so many bytes. */
uint32_t random_value(unsigned int bytes);

/*
 * The text of a policy without mistakes, which is parsed to @policy; to be freed.
 * @rules: lines that are tried
 */
char *random_policy(struct vg_policy *policy, unsigned int rules);

/* The text, and one more rule of an allow list; NULL if that is a mistake. */
char *random_edit(const char *text, struct vg_policy *policy);

/* Where an access goes, and what it writes; who and what is left alone. */
void random_access(struct vg_query *query);

#endif
