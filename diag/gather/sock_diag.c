/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "gather/mechanism.h"
#include "gather/netlink.h"
#include "gather/process.h"

/* inet_diag_bc_op: two words match "source port equal"; `no` jumps past the end, which rejects. */
static void put_port_filter(struct nlmsghdr *header, uint16_t port)
{
	const struct inet_diag_bc_op filter[2] = {
		{.code = INET_DIAG_BC_S_EQ, .yes = sizeof(filter), .no = sizeof(filter) + 4},
		{.code = 0, .yes = 0, .no = port},
	};

	mnl_attr_put(header, INET_DIAG_REQ_BYTECODE, sizeof(filter), filter);
}

/* What to dump, and under which name. */
struct dump {
	uint8_t family, protocol;
	uint32_t states; /* 1u << TCP_* */
	const char *name;
};

/* Of one port, or with port 0 of all. */
static int dump_sockets(const struct dump *dump, uint16_t port, struct mux_bundle *bundle)
{
	union {
		struct nlmsghdr header;
		char bytes[256];
	} request;
	struct nlmsghdr *header = mnl_nlmsg_put_header(request.bytes);
	struct inet_diag_req_v2 *message;

	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	message->sdiag_family = dump->family;
	message->sdiag_protocol = dump->protocol;
	message->idiag_states = dump->states;
	if (port != 0)
		put_port_filter(header, port);
	return netlink_request(NETLINK_SOCK_DIAG, header, bundle, dump->name);
}

/* A UDP socket that is not connected is in TCP_CLOSE (udp_diag.c). */
static const struct dump dumps[] = {
	{AF_INET, IPPROTO_TCP, 1u << TCP_LISTEN, "netlink/diag/tcp4"},
	{AF_INET6, IPPROTO_TCP, 1u << TCP_LISTEN, "netlink/diag/tcp6"},
	{AF_INET, IPPROTO_UDP, 1u << TCP_CLOSE, "netlink/diag/udp4"},
	{AF_INET6, IPPROTO_UDP, 1u << TCP_CLOSE, "netlink/diag/udp6"},
};

int gather_listening(uint16_t port, struct mux_bundle *bundle)
{
	int error = dump_sockets(&dumps[0], port, bundle);

	return error != 0 ? error : dump_sockets(&dumps[1], port, bundle);
}

int gather_listeners(uint16_t port, struct mux_bundle *bundle)
{
	int error = gather_listening(port, bundle);

	return error != 0 ? error : gather_processes(bundle);
}

int gather_holders(uint16_t port, struct mux_bundle *bundle)
{
	static const struct dump holders[] = {
		{AF_INET, IPPROTO_TCP, 1u << TCP_ESTABLISHED, "netlink/diag/holders/tcp4"},
		{AF_INET6, IPPROTO_TCP, 1u << TCP_ESTABLISHED, "netlink/diag/holders/tcp6"},
	};
	int error = dump_sockets(&holders[0], port, bundle);

	return error != 0 ? error : dump_sockets(&holders[1], port, bundle);
}

/* Every TCP listener, and the UDP sockets of the port. */
int gather_neighbours(uint16_t port, struct mux_bundle *bundle)
{
	static const struct dump others[] = {
		{AF_INET, IPPROTO_TCP, 1u << TCP_LISTEN, "netlink/diag/others/tcp4"},
		{AF_INET6, IPPROTO_TCP, 1u << TCP_LISTEN, "netlink/diag/others/tcp6"},
		{AF_INET, IPPROTO_UDP, 1u << TCP_CLOSE, "netlink/diag/others/udp4"},
		{AF_INET6, IPPROTO_UDP, 1u << TCP_CLOSE, "netlink/diag/others/udp6"},
	};
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < sizeof(others) / sizeof(others[0]); i++)
		error = dump_sockets(&others[i], others[i].protocol == IPPROTO_TCP ? 0 : port,
				     bundle);
	return error != 0 ? error : gather_processes(bundle);
}

int gather_listeners_later(uint16_t port, struct mux_bundle *bundle)
{
	static const struct dump later[] = {
		{AF_INET, IPPROTO_TCP, 1u << TCP_LISTEN, "netlink/diag/later/tcp4"},
		{AF_INET6, IPPROTO_TCP, 1u << TCP_LISTEN, "netlink/diag/later/tcp6"},
	};
	int error = dump_sockets(&later[0], port, bundle);

	return error != 0 ? error : dump_sockets(&later[1], port, bundle);
}

int gather_sockets(struct mux_bundle *bundle)
{
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < sizeof(dumps) / sizeof(dumps[0]); i++)
		error = dump_sockets(&dumps[i], 0, bundle);
	return error;
}
