/* SPDX-License-Identifier: GPL-2.0-only */
/* What could stand at the end of a command line, for the completions of shells. */
#ifndef VFIOGUARD_COMMANDS_COMPLETE_H
#define VFIOGUARD_COMMANDS_COMPLETE_H

/**
 * vg_complete() - print what a word may become, one candidate a line
 * @argc: words behind "vfioguard", the one to be completed included
 * @argv: those; the last may be empty
 *
 * A line "/" stands for the names of files, which the shell knows best.  Of what
 * others named only names without any meaning to a shell are printed.
 */
void vg_complete(int argc, char **argv);

#endif
