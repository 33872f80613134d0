/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/probes.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/record.h"
#include "gather/clock.h"
#include "gather/inet.h"

static void end(struct probe *probe, bool connected, int error)
{
	probe->finished = true;
	probe->connected = connected;
	if (probe->error == 0)
		probe->error = error;
	probe->elapsed_us = clock_now_us() - probe->started_us;
	close(probe->fd);
	probe->fd = -1;
}

static int take_icmp(struct probe *probe)
{
	struct inet_icmp icmp;
	int error = inet_take_icmp(probe->fd, &icmp);

	if (error != 0) {
		probe->icmp_origin = icmp.origin;
		probe->icmp_type = icmp.type;
		probe->icmp_code = icmp.code;
	}
	return error;
}

static int take_error(struct probe *probe)
{
	int icmp = take_icmp(probe), error = 0;
	socklen_t len = sizeof(error);

	getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return icmp != 0 ? icmp : error;
}

/* Reads the local port; returns whether the socket is connected to itself, which a connect to a
 * free ephemeral port may do (RFC 9293 section 3.5, simultaneous open). */
static bool is_self_connected(struct probe *probe)
{
	union inet_address local = {0}, peer = {0};
	socklen_t local_len = sizeof(local), peer_len = sizeof(peer);

	if (getsockname(probe->fd, &local.any, &local_len) == 0)
		probe->local_port = inet_port(&local);
	return getpeername(probe->fd, &peer.any, &peer_len) == 0 && local_len == peer_len &&
	       memcmp(&local, &peer, local_len) == 0;
}

/* Is the handshake complete? Looks at what the socket says now. */
static void look_at_tcp(struct probe *probe, short events)
{
	int error = take_error(probe);
	bool self = is_self_connected(probe);

	if (error != 0)
		end(probe, false, error);
	else if (self) {
		probe->self = true;
		end(probe, false, ECONNREFUSED);
	} else if (events & POLLOUT)
		end(probe, true, 0);
}

/* On loopback the whole handshake usually happens inside connect(), so the answer is there already.
 */
static void start_tcp(struct probe *probe, const union inet_address *to, socklen_t len)
{
	struct pollfd now = {.fd = probe->fd, .events = POLLOUT};
	int error;

	counters_read(probe->address.family, &probe->before);
	probe->started_us = clock_now_us();
	error = connect(probe->fd, &to->any, len) != 0 ? errno : 0;
	counters_read(probe->address.family, &probe->after);
	if (error != 0 && error != EINPROGRESS) {
		end(probe, false, error);
		return;
	}
	poll(&now, 1, 0);
	look_at_tcp(probe, now.revents);
}

/* Only the send meets the firewall, but an ICMP error comes back to a connected socket alone. The
 * datagram is empty, so that a server of the port has nothing to act on. */
static void start_udp(struct probe *probe, const union inet_address *to, socklen_t len)
{
	if (connect(probe->fd, &to->any, len) != 0 || send(probe->fd, "", 0, MSG_NOSIGNAL) < 0) {
		int error = errno;
		int icmp = take_icmp(probe);

		end(probe, false, icmp != 0 ? icmp : error);
		return;
	}
	is_self_connected(probe);
	probe->connected = true;
	probe->finished = true;
	probe->elapsed_us = clock_now_us() - probe->started_us;
}

static void look_at_udp(struct probe *probe)
{
	int error = take_error(probe);

	if (error == 0)
		return;
	probe->error = error;
	close(probe->fd);
	probe->fd = -1;
}

static void start(struct probes *probes, bool udp, const struct mux_address *address, uint16_t port,
		  int64_t deadline_us)
{
	struct probe *probe = &probes->list[probes->n++];
	union inet_address to;
	socklen_t len = inet_fill(&to, address, port);

	memset(probe, 0, sizeof(*probe));
	probe->udp = udp;
	probe->address = *address;
	probe->port = port;
	probe->deadline_us = deadline_us;
	probe->started_us = clock_now_us();
	probe->fd = socket(address->family,
			   (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (probe->fd < 0) {
		end(probe, false, errno);
		return;
	}
	inet_want_icmp(probe->fd, address->family);
	if (udp)
		start_udp(probe, &to, len);
	else
		start_tcp(probe, &to, len);
}

void probes_start(struct probes *probes, const struct mux_address *address, uint16_t port,
		  int64_t deadline_us)
{
	size_t i;

	for (i = 0; i < probes->n; i++)
		if (addr_equal(&probes->list[i].address, address))
			return;
	if (probes->n + 2 > MAX_PROBES)
		return;
	start(probes, false, address, port, deadline_us);
	start(probes, true, address, port, deadline_us);
}

void probes_mark_target(struct probes *probes, const struct mux_address *address)
{
	size_t i;

	for (i = 0; i < probes->n; i++)
		if (addr_equal(&probes->list[i].address, address))
			probes->list[i].of_target = true;
}

bool probes_waiting(const struct probes *probes)
{
	return probes_deadline(probes) != INT64_MAX;
}

int64_t probes_deadline(const struct probes *probes)
{
	int64_t earliest = INT64_MAX;
	size_t i;

	for (i = 0; i < probes->n; i++)
		if (!probes->list[i].udp && probes->list[i].fd >= 0 &&
		    probes->list[i].deadline_us < earliest)
			earliest = probes->list[i].deadline_us;
	return earliest;
}

size_t probes_poll(const struct probes *probes, struct pollfd *fds, size_t room)
{
	size_t i, n = 0;

	for (i = 0; i < probes->n && n < room; i++)
		if (probes->list[i].fd >= 0) {
			fds[n].fd = probes->list[i].fd;
			fds[n].events = probes->list[i].udp ? 0 : POLLOUT;
			fds[n++].revents = 0;
		}
	return n;
}

static short events_of(int fd, const struct pollfd *fds, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (fds[i].fd == fd)
			return fds[i].revents;
	return 0;
}

void probes_take(struct probes *probes, const struct pollfd *fds, size_t n)
{
	int64_t now = clock_now_us();
	size_t i;

	for (i = 0; i < probes->n; i++) {
		struct probe *probe = &probes->list[i];
		short events = probe->fd < 0 ? 0 : events_of(probe->fd, fds, n);

		if (events != 0 && probe->udp)
			look_at_udp(probe);
		else if (events != 0)
			look_at_tcp(probe, events);
		if (probe->fd >= 0 && !probe->udp && now >= probe->deadline_us) {
			end(probe, false, 0);
			probe->finished = false;
		}
	}
}

static void record(const struct probe *probe, struct str *records)
{
	char text[ADDR_TEXT_MAX];

	record_add(records, "protocol", slice_of(probe->udp ? "udp" : "tcp"));
	record_add(records, "address", slice_of(addr_format(&probe->address, text)));
	record_add_number(records, "port", probe->port);
	record_add_number(records, "local_port", probe->local_port);
	record_add_number(records, "finished", probe->finished);
	record_add_number(records, "connected", probe->connected);
	record_add_number(records, "error", probe->error);
	str_addf(records, " icmp=%u/%u/%u", probe->icmp_origin, probe->icmp_type, probe->icmp_code);
	record_add_number(records, "us", probe->elapsed_us);
	if (probe->self)
		record_add_number(records, "self", 1);
	if (!probe->udp)
		counters_record(&probe->before, &probe->after, records);
	record_end(records);
}

void probes_finish(struct probes *probes, struct str *records)
{
	size_t i;

	for (i = 0; i < probes->n; i++) {
		struct probe *probe = &probes->list[i];

		if (probe->fd >= 0 && probe->udp)
			look_at_udp(probe);
		if (probe->fd >= 0) {
			bool finished = probe->finished;

			if (!probe->udp)
				probe->elapsed_us = clock_now_us() - probe->started_us;
			close(probe->fd);
			probe->fd = -1;
			probe->finished = finished;
		}
		record(probe, records);
	}
}
