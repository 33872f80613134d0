/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "servers.h"

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t loopback(const struct probe *probe, uint16_t port, union address *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (probe->family == AF_INET) {
		ret->in.sin_family = AF_INET;
		ret->in.sin_port = htons(port);
		ret->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(ret->in);
	}
	ret->in6.sin6_family = AF_INET6;
	ret->in6.sin6_port = htons(port);
	ret->in6.sin6_addr = in6addr_loopback;
	return sizeof(ret->in6);
}

static bool is_echo(const struct probe *probe)
{
	return probe->protocol == IPPROTO_ICMP || probe->protocol == IPPROTO_ICMPV6;
}

/* The kernel does the checksum of ICMPv6 only. */
static void fill_echo(const struct probe *probe, struct icmphdr *echo)
{
	uint32_t sum;

	memset(echo, 0, sizeof(*echo));
	echo->type = probe->family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	echo->un.echo.id = htons(probe->source);
	sum = (ICMP_ECHO << 8) + probe->source;
	sum = (sum & 0xffff) + (sum >> 16);
	echo->checksum = probe->family == AF_INET ? htons((uint16_t)~sum) : 0;
}

static void send_query(struct client *client)
{
	static const char text[] = {'p', 'i', 'n', 'g'};
	struct icmphdr echo;
	const void *bytes = text;
	size_t len = sizeof(text);

	if (is_echo(client->probe)) {
		fill_echo(client->probe, &echo);
		bytes = &echo;
		len = sizeof(echo);
	}
	client->sent = true;
	if (send(client->fd, bytes, len, MSG_NOSIGNAL) < 0 && client->outcome == CLIENT_PENDING)
		client->outcome = errno;
}

/* A raw socket, since that of ping(8) without privileges hides why an ICMPv6 echo was not sent. */
static int open_socket(const struct probe *probe)
{
	int type = is_echo(probe) ? SOCK_RAW : SOCK_DGRAM;
	int fd, one = 1;

	if (probe->protocol == IPPROTO_TCP)
		type = SOCK_STREAM;
	fd = socket(probe->family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, probe->protocol);
	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return fd;
}

int client_start(struct client *client, const struct probe *probe, struct failure *failure)
{
	union address here, there;
	socklen_t len = loopback(probe, is_echo(probe) ? 0 : probe->source, &here);

	(void)loopback(probe, is_echo(probe) ? 0 : probe->port, &there);
	*client = (struct client){.probe = probe, .outcome = CLIENT_PENDING};
	client->fd = open_socket(probe);
	if (client->fd < 0)
		return fail(failure, errno, "no socket for a probe");
	if (bind(client->fd, &here.any, len) != 0)
		return fail(failure, errno, "cannot bind source port %u", probe->source);
	if (connect(client->fd, &there.any, len) != 0 && errno != EINPROGRESS)
		client->outcome = errno;
	if (probe->protocol != IPPROTO_TCP && client->outcome == CLIENT_PENDING)
		send_query(client);
	return 0;
}

/*
 * What a blocking connect() gives. An ICMP error that comes while connect() holds the socket is
 * kept as a soft error; connect() ends in it when the next SYN meets the same, a second later, and
 * SO_ERROR tells at once. On an established connection a soft error is no failure, though SO_ERROR
 * would tell that, too: poll() then says no POLLERR.
 */
static void look_tcp(struct client *client)
{
	struct pollfd ready = {.fd = client->fd, .events = POLLOUT};
	int error = 0;
	socklen_t len = sizeof(error);

	if (poll(&ready, 1, 0) > 0 && !(ready.revents & POLLERR)) {
		client->outcome = CLIENT_CONNECTED;
		return;
	}
	if (getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	client->outcome = error; /* 0: still pending */
}

/* A raw socket gets every ICMP message there is, with the header of IPv4. */
static bool is_answer(const struct probe *probe, const unsigned char *bytes, size_t len)
{
	struct icmphdr echo;
	unsigned skip = 0;

	if (!is_echo(probe))
		return true;
	if (probe->family == AF_INET && len > 0)
		skip = (bytes[0] & 15u) * 4u;
	if (len < skip + sizeof(echo))
		return false;
	memcpy(&echo, bytes + skip, sizeof(echo));
	return echo.type == (probe->family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) &&
	       echo.un.echo.id == htons(probe->source);
}

static void look_datagram(struct client *client)
{
	unsigned char buffer[512];

	while (client->outcome == CLIENT_PENDING) {
		ssize_t len = recv(client->fd, buffer, sizeof(buffer), 0);

		if (len < 0 && errno == EAGAIN)
			return;
		if (len < 0)
			client->outcome = errno;
		else if (is_answer(client->probe, buffer, (size_t)len))
			client->outcome = CLIENT_CONNECTED;
	}
}

void client_look(struct client *client)
{
	if (client->probe->protocol != IPPROTO_TCP)
		look_datagram(client);
	else if (client->outcome == CLIENT_PENDING)
		look_tcp(client);
	if (client->outcome == CLIENT_CONNECTED && !client->sent)
		send_query(client);
}

void client_close(struct client *client)
{
	if (client->fd >= 0)
		close_at_once(client->fd);
	client->fd = -1;
}
