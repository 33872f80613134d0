/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evaluate/packet_sysctls.h"

#include <string.h>
#include <sys/socket.h>

#include "base/slice.h"

enum {
	LEAST_MTU = 1280, /* below it IPv6 is off and IPv4 has other rules */
	HEADERS4 = 40,
	HEADERS6 = 60,
	LARGEST_MSS6 = 65535 - 20,
	LARGE_MSS = 65000,
	LARGE_BUFFER = 131072,
};

static struct mux_slice find(const struct mux_snapshot *snapshot, const char *path)
{
	size_t i;

	for (i = 0; i < snapshot->n_sysctls; i++)
		if (strcmp(snapshot->sysctls[i].path, path) == 0 &&
		    snapshot->sysctls[i].source.presence == MUX_PRESENT)
			return snapshot->sysctls[i].text;
	return (struct mux_slice){0};
}

/* Reads a number of at most `most`. Returns false when it was not read. */
static bool read_number(const struct mux_snapshot *snapshot, const char *path, uint64_t most,
			uint64_t *ret_number)
{
	return slice_parse_u64(find(snapshot, path), 10, ret_number) == 0 && *ret_number <= most;
}

/* Cuts the first number off a row of them. Returns false when there is none. */
static bool next_number(struct mux_slice *row, uint64_t *ret_number)
{
	struct mux_slice word = {row->data, 0};

	if (row->len == 0)
		return false;
	while (word.len < row->len && row->data[word.len] != '\t')
		word.len++;
	row->data += word.len;
	row->len -= word.len;
	*row = slice_trim(*row);
	return slice_parse_u64(word, 10, ret_number) == 0;
}

/* net.ipv4.ip_local_port_range serves both families. */
static void set_free_ports(const struct mux_snapshot *snapshot, struct nf_packet *packet)
{
	struct mux_slice row = find(snapshot, "net/ipv4/ip_local_port_range");
	uint64_t least, most;

	if (!next_number(&row, &least) || !next_number(&row, &most) || least == 0 || least > most ||
	    most > UINT16_MAX)
		return;
	packet->free_port_least = (uint16_t)least;
	packet->free_port_most = (uint16_t)most;
}

/* tcp_syn_options(): with ECN (1: asked for) flags and traffic class differ too. */
static void set_tcp_options(const struct mux_snapshot *snapshot, struct nf_packet *packet)
{
	uint64_t timestamps, sack, scaling, ecn;

	if (!read_number(snapshot, "net/ipv4/tcp_timestamps", 2, &timestamps) ||
	    !read_number(snapshot, "net/ipv4/tcp_sack", 1, &sack) ||
	    !read_number(snapshot, "net/ipv4/tcp_window_scaling", 1, &scaling) ||
	    !read_number(snapshot, "net/ipv4/tcp_ecn", 5, &ecn) || (ecn != 0 && ecn != 2))
		return;
	packet->has_tcp_options = true;
	packet->tcp_timestamps = timestamps != 0;
	packet->tcp_sack = sack != 0;
	packet->tcp_window_scaling = scaling != 0;
}

/* tcp_select_initial_window(): from this default on, the first window on lo is nearly 64 KiB. */
static void set_windows(const struct mux_snapshot *snapshot, struct nf_packet *packet)
{
	struct mux_slice row = find(snapshot, "net/ipv4/tcp_rmem");
	uint64_t least, usual;

	packet->tcp_large_windows = packet->tcp_mss >= LARGE_MSS && next_number(&row, &least) &&
				    next_number(&row, &usual) && usual >= LARGE_BUFFER;
}

/* ipv4_default_advmss(), ip6_default_advmss(); a route's metrics may have another. */
static void set_mss(const struct mux_snapshot *snapshot, struct nf_packet *packet)
{
	const struct mux_routing *routing = &snapshot->routing;
	const bool v4 = packet->destination.family == AF_INET;
	uint32_t mtu = 0;
	size_t i;

	for (i = 0; i < routing->n_links; i++)
		if (routing->links[i].index == packet->link)
			mtu = routing->links[i].mtu;
	for (i = 0; i < routing->n_routes; i++)
		if (routing->routes[i].has_metrics)
			mtu = 0;
	if (routing->routes_source.presence != MUX_PRESENT || mtu < LEAST_MTU)
		return;
	if (v4 && mtu > UINT16_MAX)
		mtu = UINT16_MAX;
	mtu -= v4 ? HEADERS4 : HEADERS6;
	packet->tcp_mss = mtu > LARGEST_MSS6 && !v4 ? UINT16_MAX : (uint16_t)mtu;
}

void packet_set_sysctls(const struct mux_snapshot *snapshot, struct nf_packet *packet)
{
	const char *hop_limit = packet->destination.family == AF_INET6
					? "net/ipv6/conf/lo/hop_limit"
					: "net/ipv4/ip_default_ttl";
	uint64_t number;

	if (read_number(snapshot, hop_limit, UINT8_MAX, &number))
		packet->hop_limit = (uint8_t)number;
	set_free_ports(snapshot, packet);
	set_tcp_options(snapshot, packet);
	set_mss(snapshot, packet);
	set_windows(snapshot, packet);
}
