/* SPDX-License-Identifier: GPL-2.0-only */
/* Where vfioguard keeps what does not survive a boot. */
#ifndef VFIOGUARD_UTIL_PATHS_H
#define VFIOGUARD_UTIL_PATHS_H

#define VG_RUN_DIR "/run/vfioguard"

#endif
