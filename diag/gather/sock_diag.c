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

static int dump_family(uint8_t family, uint16_t port, const char *name, struct mux_bundle *bundle)
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
	message->sdiag_family = family;
	message->sdiag_protocol = IPPROTO_TCP;
	message->idiag_states = 1u << TCP_LISTEN;
	put_port_filter(header, port);
	return netlink_request(NETLINK_SOCK_DIAG, header, bundle, name);
}

int gather_listeners(uint16_t port, struct mux_bundle *bundle)
{
	int error = dump_family(AF_INET, port, "netlink/diag/tcp4", bundle);

	if (error == 0)
		error = dump_family(AF_INET6, port, "netlink/diag/tcp6", bundle);
	return error != 0 ? error : gather_processes(bundle);
}
