/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages to systemd; without $NOTIFY_SOCKET they go nowhere. */
#ifndef VFIOGUARD_DAEMON_NOTIFY_H
#define VFIOGUARD_DAEMON_NOTIFY_H

/**
 * vg_notify() - tell systemd
 * @fmt: printf format of lines as in sd_notify(3): "READY=1\nSTATUS=..."
 */
__attribute__((format(printf, 1, 2))) void vg_notify(const char *fmt, ...);

#endif
