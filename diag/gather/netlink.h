/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink requests and all of their answers, into bundle entries. */
#ifndef MUX_GATHER_NETLINK_H
#define MUX_GATHER_NETLINK_H

#include <libmnl/libmnl.h>

#include "base/bundle.h"

/* One socket for many requests, one after the other. */
struct netlink {
	int bus;		   /* netlink family, NETLINK_* */
	struct mnl_socket *socket; /* NULL = the next request opens one */
	uint32_t sequence;
};

/* The messages of one answer, as received, without NLMSG_DONE. */
struct netlink_answer {
	char *data; /* from malloc, the caller's */
	size_t len;
	bool truncated;
};

/*
 * Sends the request and receives all of its answer. A dump that the kernel interrupted
 * (NLM_F_DUMP_INTR), and one that overran the socket (ENOBUFS), is repeated a few times, each on a
 * fresh socket, because the rest of the old one would still be queued. Returns 0, or -errno, the
 * kernel's own included, and then there is no answer to free.
 */
int netlink_ask(struct netlink *netlink, struct nlmsghdr *request,
		struct netlink_answer *ret_answer);

/* Closes the socket, if one is open. */
void netlink_close(struct netlink *netlink);

/*
 * Puts what netlink_ask() returned into the entry `name`: the answer, which it takes over, or the
 * error. Returns 0, or -ENOMEM / -EINVAL from the bundle.
 */
int netlink_store(int result, struct netlink_answer *answer, struct mux_bundle *bundle,
		  const char *name);

/* netlink_ask() on a socket of its own, and netlink_store(). */
int netlink_request(int bus, struct nlmsghdr *request, struct mux_bundle *bundle, const char *name);

#endif
