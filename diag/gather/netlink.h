/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One netlink request and all of its answer, into one bundle entry. */
#ifndef MUX_GATHER_NETLINK_H
#define MUX_GATHER_NETLINK_H

#include <libmnl/libmnl.h>

#include "base/bundle.h"

/*
 * Sends the request on a fresh socket of the netlink family `bus` and adds every message of the
 * answer to the entry `name`. A dump that the kernel interrupted (NLM_F_DUMP_INTR) is repeated a
 * few times, each on a fresh socket, because the rest of the old one would still be queued. The
 * kernel's error becomes the entry's. Returns 0, or -ENOMEM / -EINVAL from the bundle.
 */
int netlink_request(int bus, struct nlmsghdr *request, struct mux_bundle *bundle, const char *name);

#endif
