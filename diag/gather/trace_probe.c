/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packet itself: a TCP SYN, an empty datagram or an echo request, from a source port that is
 * known before it is sent, because the rules that select it name that port.
 */
#include "gather/trace.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "gather/clock.h"

enum { MAX_TRIES = 8 };

/* --- opening ----------------------------------------------------------------------------- */

/*
 * For echo requests a raw socket, if we may: that of ping(8) without privileges hides why an ICMPv6
 * echo was not sent. Its identifier is free to choose.
 */
static int open_echo(struct trace_probe *probe)
{
	int protocol = probe->address.family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	int fd = socket(probe->address.family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	probe->raw = fd >= 0;
	if (fd < 0)
		fd = socket(probe->address.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			    protocol);
	return fd;
}

static int open_socket(struct trace_probe *probe)
{
	int type = probe->protocol == MUX_TCP ? SOCK_STREAM : SOCK_DGRAM;

	if (probe->protocol == MUX_ICMP)
		return open_echo(probe);
	return socket(probe->address.family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Binds to a free port of the unspecified address, so that routing still chooses the source. A raw
 * socket has none: there the identifier that we came with stays. */
static int bind_port(struct trace_probe *probe)
{
	const struct mux_address any = {.family = probe->address.family};
	union inet_address local;
	socklen_t len = inet_fill(&local, &any, 0);

	if (probe->raw)
		return 0;
	if (bind(probe->fd, &local.any, len) != 0 || getsockname(probe->fd, &local.any, &len) != 0)
		return -errno;
	probe->source_port = inet_port(&local);
	return 0;
}

int trace_probe_open(struct trace_probe *probe)
{
	int tries, error = 0;

	/* The free port may happen to be the one asked about: then it would connect to itself (RFC
	 * 9293 section 3.5, simultaneous open). */
	for (tries = 0; tries < MAX_TRIES; tries++) {
		trace_probe_close(probe);
		probe->fd = open_socket(probe);
		if (probe->fd < 0)
			return -errno;
		error = bind_port(probe);
		if (error != 0 || probe->source_port != probe->port)
			break;
	}
	inet_want_icmp(probe->fd, probe->address.family);
	return error;
}

void trace_probe_close(struct trace_probe *probe)
{
	if (probe->fd >= 0)
		close(probe->fd);
	probe->fd = -1;
}

/* --- what became of it ------------------------------------------------------------------- */

static void end(struct trace_probe *probe, bool connected, int error)
{
	if (probe->finished)
		return;
	probe->finished = true;
	probe->connected = connected;
	probe->error = error;
	probe->elapsed_us = clock_now_us() - probe->started_us;
}

static int take_error(struct trace_probe *probe)
{
	int icmp = inet_take_icmp(probe->fd, &probe->icmp), error = 0;
	socklen_t len = sizeof(error);

	getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return icmp != 0 ? icmp : error;
}

/* A raw socket gets every ICMP message there is, that of IPv4 with the IP header. */
static bool is_answer(const struct trace_probe *probe, const uint8_t *bytes, size_t len)
{
	const bool v4 = probe->address.family == AF_INET;
	size_t skip = probe->raw && v4 && len > 0 ? (bytes[0] & 15u) * 4u : 0;
	uint16_t id_be = htons(probe->source_port);

	if (probe->protocol != MUX_ICMP)
		return true;
	return len >= skip + 8 && bytes[skip] == (v4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) &&
	       (!probe->raw || memcmp(bytes + skip + 4, &id_be, sizeof(id_be)) == 0);
}

static void look_at_datagrams(struct trace_probe *probe)
{
	uint8_t buffer[2048];
	ssize_t n;
	int error = take_error(probe);

	if (error != 0)
		end(probe, false, error);
	while ((n = recv(probe->fd, buffer, sizeof(buffer), 0)) >= 0)
		if (is_answer(probe, buffer, (size_t)n))
			end(probe, true, 0);
}

/* An ICMP error about the last packet of the handshake is no failure to connect() any more. */
static void look_at_tcp(struct trace_probe *probe)
{
	union inet_address peer;
	socklen_t len = sizeof(peer);
	int error;

	if (getpeername(probe->fd, &peer.any, &len) == 0) {
		end(probe, true, 0);
		return;
	}
	error = take_error(probe);
	if (error != 0)
		end(probe, false, error);
}

short trace_probe_events(const struct trace_probe *probe)
{
	if (probe->finished)
		return 0;
	return probe->protocol == MUX_TCP ? POLLOUT : POLLIN;
}

void trace_probe_look(struct trace_probe *probe)
{
	if (probe->finished)
		return;
	if (probe->protocol == MUX_TCP)
		look_at_tcp(probe);
	else
		look_at_datagrams(probe);
}

/* --- sending ----------------------------------------------------------------------------- */

/* RFC 1071; only IPv4 wants it of us, the kernel fills in that of ICMPv6. */
static uint16_t checksum(const uint16_t *words, size_t n)
{
	uint32_t sum = 0;

	while (n-- > 0)
		sum += *words++;
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

static ssize_t send_echo(const struct trace_probe *probe)
{
	const bool v4 = probe->address.family == AF_INET;
	uint16_t echo[4] = {0}, sum;

	((uint8_t *)echo)[0] = v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	echo[2] = htons(probe->source_port);
	sum = checksum(echo, sizeof(echo) / sizeof(echo[0]));
	if (v4)
		echo[1] = sum;
	return send(probe->fd, echo, sizeof(echo), MSG_NOSIGNAL);
}

/* Routing has chosen the source address by now. */
static void learn_source(struct trace_probe *probe)
{
	union inet_address local = {0};
	socklen_t len = sizeof(local);

	if (getsockname(probe->fd, &local.any, &len) != 0)
		return;
	probe->source.family = local.any.sa_family;
	if (local.any.sa_family == AF_INET)
		memcpy(probe->source.bytes, &local.v4.sin_addr, sizeof(local.v4.sin_addr));
	else
		memcpy(probe->source.bytes, &local.v6.sin6_addr, sizeof(local.v6.sin6_addr));
}

void trace_probe_send(struct trace_probe *probe)
{
	union inet_address to;
	socklen_t len = inet_fill(&to, &probe->address, probe->port);
	ssize_t sent = 0;
	int error = 0;

	probe->started_us = clock_now_us();
	if (connect(probe->fd, &to.any, len) != 0)
		error = errno == EINPROGRESS ? 0 : errno;
	learn_source(probe);
	if (error == 0 && probe->protocol == MUX_UDP)
		sent = send(probe->fd, "", 0, MSG_NOSIGNAL);
	else if (error == 0 && probe->protocol == MUX_ICMP)
		sent = send_echo(probe);
	if (sent < 0)
		error = errno;
	/* An ICMP error that came meanwhile says more. */
	if (error != 0) {
		int icmp = inet_take_icmp(probe->fd, &probe->icmp);

		end(probe, false, icmp != 0 ? icmp : error);
	}
	trace_probe_look(probe);
}
