/* SPDX-License-Identifier: GPL-2.0-only */
/* What judge.bpf.c and the programs that load it agree on. */
#ifndef JUDGE_H
#define JUDGE_H

/* Keys of map "seen": values that were written, and how often. */
#define JUDGE_VALUES 64

#endif
