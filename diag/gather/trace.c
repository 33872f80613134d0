/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/trace.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/record.h"
#include "base/sentinel.h"
#include "gather/clock.h"
#include "gather/nft.h"

enum {
	FORCED_BUFFER = 32 << 20, /* a rule that matches takes some 300 bytes to report */
	LARGEST_REPORT = 64 << 20,
	RECEIVE_BYTES = 64 * 1024,
	SETTLE_US = 20 * 1000, /* lo is done with a packet before connect() returns, but for load */
};

/* What the kernel reported. */
struct report {
	char *data;
	size_t len, capacity;
	bool lost, truncated;
	int64_t heard_us; /* when something came last */
};

int trace_open(struct trace *trace)
{
	int buffer = FORCED_BUFFER, group = NFNLGRP_NFTRACE, fd;

	memset(trace, 0, sizeof(*trace));
	trace->probe.fd = -1;
	trace->events = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (trace->events == NULL)
		return -errno;
	fd = mnl_socket_get_fd(trace->events);
	/* Where it is not granted the ordinary buffer holds some 160 reports, and what is lost is
	 * noticed. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
	if (mnl_socket_bind(trace->events, 0, MNL_SOCKET_AUTOPID) != 0 ||
	    mnl_socket_setsockopt(trace->events, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) !=
		    0)
		return -errno;
	/* Nobody else in this network namespace has that number now; mostly it is our pid. */
	snprintf(trace->table, sizeof(trace->table), "%s%u", sentinel_table,
		 mnl_socket_get_portid(trace->events));
	return 0;
}

int trace_aim(struct trace *trace, enum mux_protocol protocol, const struct mux_address *address,
	      uint16_t port)
{
	trace->probe = (struct trace_probe){
		.protocol = protocol,
		.address = *address,
		.port = port,
		.source_port = (uint16_t)(mnl_socket_get_portid(trace->events) | 1),
		.fd = -1,
	};
	return trace_probe_open(&trace->probe);
}

void trace_close(struct trace *trace)
{
	trace_table_remove(trace);
	trace_probe_close(&trace->probe);
	if (trace->events != NULL)
		mnl_socket_close(trace->events);
	trace->events = NULL;
}

/* --- what the kernel says ---------------------------------------------------------------- */

static int append(struct report *report, const void *data, size_t len)
{
	size_t capacity = report->capacity == 0 ? RECEIVE_BYTES : report->capacity;
	char *grown;

	if (report->len + len > LARGEST_REPORT) {
		report->truncated = true;
		return 0;
	}
	while (capacity - report->len < len)
		capacity *= 2;
	if (capacity != report->capacity) {
		grown = realloc(report->data, capacity);
		if (grown == NULL)
			return -ENOMEM;
		report->data = grown;
		report->capacity = capacity;
	}
	memcpy(report->data + report->len, data, len);
	report->len += len;
	return 0;
}

/* Takes all there is now. Returns 0 or -errno; that the kernel had to drop something (ENOBUFS) is
 * noted. */
static int drain(const struct trace *trace, struct report *report)
{
	char *buffer = malloc(RECEIVE_BYTES);
	int error = buffer == NULL ? -ENOMEM : 0;

	while (error == 0) {
		ssize_t n = mnl_socket_recvfrom(trace->events, buffer, RECEIVE_BYTES);

		if (n >= 0) {
			report->heard_us = clock_now_us();
			error = append(report, buffer, (size_t)n);
		} else if (errno == ENOBUFS || errno == ENOSPC) {
			report->lost = true;
		} else if (errno == EAGAIN) {
			break;
		} else if (errno != EINTR) {
			error = -errno;
		}
	}
	free(buffer);
	return error;
}

/* When to stop waiting: soon after all is over, or after silence that means that it is. */
static int64_t patience_end(const struct trace_probe *probe, const struct report *report)
{
	int64_t heard_us =
		report->heard_us > probe->started_us ? report->heard_us : probe->started_us;
	int64_t ended_us = probe->started_us + probe->elapsed_us;

	if (!probe->finished)
		return heard_us + MUX_LOOPBACK_PROBE_MS * 1000;
	return (ended_us > heard_us ? ended_us : heard_us) + SETTLE_US;
}

static int wait_for_end(struct trace *trace, int64_t deadline_us, struct report *report)
{
	struct trace_probe *probe = &trace->probe;
	int error = drain(trace, report);

	while (error == 0) {
		int64_t end_us = patience_end(probe, report), left_us;
		struct timespec patience = {0};
		struct pollfd fds[] = {
			{.fd = mnl_socket_get_fd(trace->events), .events = POLLIN},
			{.fd = probe->finished ? -1 : probe->fd,
			 .events = trace_probe_events(probe)},
		};

		left_us = (end_us < deadline_us ? end_us : deadline_us) - clock_now_us();
		if (left_us <= 0)
			break;
		patience.tv_sec = (time_t)(left_us / 1000000);
		patience.tv_nsec = (long)(left_us % 1000000) * 1000;
		if (ppoll(fds, sizeof(fds) / sizeof(fds[0]), &patience, NULL) < 0 && errno != EINTR)
			return -errno;
		error = drain(trace, report);
		trace_probe_look(probe);
	}
	if (!probe->finished)
		probe->elapsed_us = clock_now_us() - probe->started_us;
	return error;
}

/* --- what is kept ------------------------------------------------------------------------ */

static const char *protocol_name(enum mux_protocol protocol)
{
	return protocol == MUX_TCP ? "tcp" : protocol == MUX_UDP ? "udp" : "icmp";
}

static int put_probe(const struct trace *trace, const struct report *report,
		     struct mux_bundle *bundle)
{
	const struct trace_probe *probe = &trace->probe;
	struct arena *arena = arena_new();
	char text[ADDR_TEXT_MAX];
	struct str line;
	int error;

	if (arena == NULL)
		return -ENOMEM;
	str_init(&line, arena);
	record_add(&line, "protocol", slice_of(protocol_name(probe->protocol)));
	record_add(&line, "address", slice_of(addr_format(&probe->address, text)));
	record_add_number(&line, "port", probe->port);
	if (probe->source.family != 0)
		record_add(&line, "local", slice_of(addr_format(&probe->source, text)));
	record_add_number(&line, "local_port", probe->source_port);
	record_add(&line, "table", slice_of(trace->table));
	record_add_number(&line, "finished", probe->finished);
	record_add_number(&line, "connected", probe->connected);
	record_add_number(&line, "error", probe->error);
	str_addf(&line, " icmp=%u/%u/%u", probe->icmp.origin, probe->icmp.type, probe->icmp.code);
	record_add_number(&line, "us", probe->elapsed_us);
	record_add_number(&line, "lost", report->lost);
	record_end(&line);
	str_done(&line);
	error = arena_failed(arena) ? -ENOMEM
				    : bundle_put(bundle, "trace/probe", slice_of(line.data));
	arena_free(arena);
	return error;
}

static int read_generation(const char *name, struct mux_bundle *bundle)
{
	union nft_request request;

	return netlink_request(NETLINK_NETFILTER,
			       nft_start(&request, NFT_MSG_GETGEN, 0, NFPROTO_UNSPEC), bundle,
			       name);
}

int trace_run(struct trace *trace, int64_t deadline_us, struct mux_bundle *bundle)
{
	struct report report = {0};
	int error = trace_table_add(trace);

	if (error == 0)
		error = read_generation("trace/generation", bundle);
	if (error == 0) {
		trace_probe_send(&trace->probe);
		error = wait_for_end(trace, deadline_us, &report);
	}
	if (error == 0)
		error = read_generation("trace/generation-after", bundle);
	trace_table_remove(trace);
	if (error == 0)
		error = put_probe(trace, &report, bundle);
	if (error == 0)
		return bundle_take(bundle, "trace/events", report.data, report.len,
				   report.truncated);
	free(report.data);
	return error;
}
