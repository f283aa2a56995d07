// SPDX-License-Identifier: GPL-2.0-only
/*
 * The protocol of sd_notify(3) is one datagram, so that libsystemd need not be
 * in a privileged process for it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/notify.h"

void vg_notify(const char *fmt, ...)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	char message[512];
	va_list args;
	size_t len;
	int fd;

	if (!path || (path[0] != '/' && path[0] != '@'))
		return;
	len = strlen(path);
	if (len >= sizeof(addr.sun_path))
		return;
	memcpy(addr.sun_path, path, len);
	/* The abstract name space. */
	if (path[0] == '@')
		addr.sun_path[0] = '\0';

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* systemd that is gone must not stop us. */
	(void)!sendto(fd, message, strlen(message), MSG_NOSIGNAL,
		      (struct sockaddr *)&addr,
		      offsetof(struct sockaddr_un, sun_path) + len);
	close(fd);
}
