/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

static int bind_any(int fd, const struct server *server)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
				   .sin6_port = htons(server->port),
				   .sin6_addr = IN6ADDR_ANY_INIT};
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_port = htons(server->port),
				 .sin_addr.s_addr = htonl(INADDR_ANY)};
	int one = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (server->family == AF_INET)
		return bind(fd, (struct sockaddr *)&in, sizeof(in));
	(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	return bind(fd, (struct sockaddr *)&in6, sizeof(in6));
}

static int open_server(struct server *server, struct failure *failure)
{
	bool tcp = server->protocol == IPPROTO_TCP;
	int type = (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int error = 0;

	/* The kernel takes the owner of a socket from the file system's uid. */
	setfsuid(server->uid);
	server->fd = socket(server->family, type, 0);
	setfsuid(geteuid());
	if (server->fd < 0)
		return fail(failure, errno, "no socket");
	if (bind_any(server->fd, server) != 0 || (tcp && listen(server->fd, BACKLOG) != 0)) {
		error = errno;
		close(server->fd);
		server->fd = -1;
	}
	return error == 0 ? 0 : fail(failure, error, "cannot listen on port %u", server->port);
}

int servers_add(struct servers *servers, const struct server *server, struct failure *failure)
{
	if (servers->n == SERVERS_MAX)
		return fail(failure, ENOSPC, "too many listeners");
	servers->list[servers->n] = *server;
	return open_server(&servers->list[servers->n++], failure);
}

int servers_reopen(struct servers *servers, struct failure *failure)
{
	int status = 0;

	servers_close(servers);
	for (unsigned i = 0; i < servers->n && status == 0; i++)
		status = open_server(&servers->list[i], failure);
	return status;
}

static void accept_all(struct servers *servers, int listener)
{
	while (servers->n_accepted < SERVERS_MAX) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		servers->accepted[servers->n_accepted++] = fd;
	}
}

static void answer_all(int fd)
{
	char buffer[512];
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	ssize_t n;

	while ((n = recvfrom(fd, buffer, sizeof(buffer), 0, (struct sockaddr *)&peer, &len)) >= 0) {
		(void)sendto(fd, buffer, (size_t)n, 0, (struct sockaddr *)&peer, len);
		len = sizeof(peer);
	}
}

void servers_serve(struct servers *servers, int family, int protocol)
{
	char buffer[64];

	for (unsigned i = 0; i < servers->n; i++) {
		const struct server *server = &servers->list[i];

		if (server->family != family || server->protocol != protocol)
			continue;
		if (protocol == IPPROTO_TCP)
			accept_all(servers, server->fd);
		else
			answer_all(server->fd);
	}
	for (unsigned i = 0; i < servers->n_accepted; i++) {
		if (recv(servers->accepted[i], buffer, sizeof(buffer), 0) > 0)
			servers->got_data = true;
	}
}

void close_at_once(int fd)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

void servers_hang_up(struct servers *servers)
{
	for (unsigned i = 0; i < servers->n_accepted; i++)
		close_at_once(servers->accepted[i]);
	servers->n_accepted = 0;
	servers->got_data = false;
}

void servers_close(struct servers *servers)
{
	servers_hang_up(servers);
	for (unsigned i = 0; i < servers->n; i++) {
		if (servers->list[i].fd >= 0)
			close(servers->list[i].fd);
		servers->list[i].fd = -1;
	}
}
