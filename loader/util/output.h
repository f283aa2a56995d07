/* SPDX-License-Identifier: GPL-2.0-only */
/* What a command prints to stdout reaches whoever asked, or the command failed. */
#ifndef VFIOGUARD_UTIL_OUTPUT_H
#define VFIOGUARD_UTIL_OUTPUT_H

/*
 * To be called first: gives stdin, stdout and stderr that are closed a file that
 * takes nothing, so that no file opened later gets their numbers and their texts.
 */
void vg_output_start(void);

/**
 * vg_output_end() - to be called last
 * @status: exit status of what was done
 *
 * Return: @status, or VG_EXIT_FAILURE with a message if something that was
 * printed was lost: a full disk, a closed descriptor.
 */
int vg_output_end(int status);

#endif
