/* SPDX-License-Identifier: GPL-2.0-only */
/* Loading judge.bpf.o, the policies "open" and "shut". */
#ifndef JUDGE_LOAD_H
#define JUDGE_LOAD_H

struct bpf_link;
struct bpf_object;

/* Return: the loaded object, or NULL with errno set. */
struct bpf_object *judge_load(void);

/* @name: "open" or "shut". Return: the link, or NULL with errno set. */
struct bpf_link *judge_attach(struct bpf_object *object, const char *name);

/* Put another policy in place of the link's. Return: 0 or a negative errno. */
int judge_update(struct bpf_object *object, struct bpf_link *link,
		 const char *name);

#endif
