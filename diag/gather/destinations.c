/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the ports for outgoing connections are taken, for each address: a source port is free
 * for a destination as long as no socket connects the two. The answer may have tens of thousands of
 * sockets, so they are counted as they come, and only for a while.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/record.h"
#include "gather/clock.h"
#include "gather/mechanism.h"
#include "gather/netlink.h"

enum {
	MAX_DESTINATIONS = 16,
	DATAGRAM_BYTES = 32 * 1024,
	COUNTING_US = 30 * 1000, /* of each family */
	SEQUENCE = 1,
};

struct counting {
	struct mux_destination list[MAX_DESTINATIONS];
	size_t n;
	char datagram[DATAGRAM_BYTES];
};

/* The two words say "destination port equal"; `no` jumps past the end, which rejects. */
static void put_request(struct nlmsghdr *header, int family, uint16_t port)
{
	const struct inet_diag_bc_op filter[2] = {
		{.code = INET_DIAG_BC_D_EQ, .yes = sizeof(filter), .no = sizeof(filter) + 4},
		{.code = 0, .yes = 0, .no = port},
	};
	struct inet_diag_req_v2 *message;

	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = SEQUENCE;
	message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	message->sdiag_family = (uint8_t)family;
	message->sdiag_protocol = IPPROTO_TCP;
	message->idiag_states = (uint32_t) ~(1u << TCP_LISTEN);
	mnl_attr_put(header, INET_DIAG_REQ_BYTECODE, sizeof(filter), filter);
}

static void count_socket(const struct inet_diag_msg *socket, struct counting *counting)
{
	struct mux_address address = {.family = socket->idiag_family};
	struct mux_destination *found = NULL;
	size_t i;

	memcpy(address.bytes, socket->id.idiag_dst, address.family == AF_INET ? 4 : 16);
	for (i = 0; i < counting->n && found == NULL; i++)
		if (addr_equal(&counting->list[i].address, &address))
			found = &counting->list[i];
	if (found == NULL) {
		if (counting->n == MAX_DESTINATIONS)
			return;
		found = &counting->list[counting->n++];
		found->address = address;
	}
	if (socket->idiag_state == TCP_TIME_WAIT)
		found->time_wait++;
	else
		found->in_use++;
}

/* Returns whether more is to come. */
static bool count_messages(struct counting *counting, int n)
{
	const struct nlmsghdr *message = (const void *)counting->datagram;

	for (; mnl_nlmsg_ok(message, n); message = mnl_nlmsg_next(message, &n)) {
		if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY)
			return false;
		if (mnl_nlmsg_get_payload_len(message) >= sizeof(struct inet_diag_msg))
			count_socket(mnl_nlmsg_get_payload(message), counting);
	}
	return true;
}

static void mark_family(struct counting *counting, int family)
{
	size_t i;

	for (i = 0; i < counting->n; i++)
		if (counting->list[i].address.family == family)
			counting->list[i].at_least = true;
}

/* Returns 0 or -errno. */
static int count_family(int family, uint16_t port, struct counting *counting)
{
	union {
		struct nlmsghdr header;
		char bytes[256];
	} request;
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	int64_t deadline_us = clock_now_us() + COUNTING_US;
	bool more = true;
	ssize_t n = 0;
	int error = 0;

	if (socket == NULL)
		return -errno;
	put_request(mnl_nlmsg_put_header(request.bytes), family, port);
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, &request, request.header.nlmsg_len) < 0)
		n = -1;
	while (n >= 0 && more && clock_now_us() < deadline_us) {
		n = mnl_socket_recvfrom(socket, counting->datagram, sizeof(counting->datagram));
		more = n > 0 && count_messages(counting, (int)n);
	}
	error = n < 0 ? -errno : 0;
	if (more)
		mark_family(counting, family);
	mnl_socket_close(socket);
	return error;
}

static void add_records(const struct counting *counting, struct str *records)
{
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < counting->n; i++) {
		const struct mux_destination *destination = &counting->list[i];

		record_add(records, "address", slice_of(addr_format(&destination->address, text)));
		record_add_number(records, "in_use", destination->in_use);
		record_add_number(records, "time_wait", destination->time_wait);
		record_add_number(records, "at_least", destination->at_least);
		record_end(records);
	}
}

int gather_destinations(uint16_t port, struct mux_bundle *bundle)
{
	struct arena *arena = arena_new();
	struct counting *counting = arena == NULL ? NULL : arena_alloc(arena, sizeof(*counting));
	struct str records;
	int error = -ENOMEM;

	if (counting == NULL)
		goto out;
	error = 0;
	if (bundle_find(bundle, "destinations") != NULL)
		goto out;
	error = count_family(AF_INET, port, counting);
	if (error == 0)
		error = count_family(AF_INET6, port, counting);
	if (error != 0) {
		error = bundle_put_error(bundle, "destinations", -error);
		goto out;
	}
	str_init(&records, arena);
	add_records(counting, &records);
	error = arena_failed(arena)
			? -ENOMEM
			: bundle_put(bundle, "destinations", slice_of(str_done(&records)));
out:
	arena_free(arena);
	return error;
}
