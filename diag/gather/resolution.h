/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One answer of one resolver, as a record of sources.def's "resolutions". */
#ifndef MUX_GATHER_RESOLUTION_H
#define MUX_GATHER_RESOLUTION_H

#include <sys/socket.h>

#include "base/str.h"

enum { RESOLUTION_ADDRESSES = 32 };

struct resolution {
	const char *resolver, *lookup, *name; /* as sources.def spells them */
	int family;
	bool addrconfig, answered;
	int status, error;
	const char *text; /* of the status */
	int64_t elapsed_us;
	struct mux_address addresses[RESOLUTION_ADDRESSES];
	size_t n_addresses; /* more are dropped */
};

/* Adds the address of an AF_INET or AF_INET6 sockaddr; others and too many are dropped. */
void resolution_add_sockaddr(struct resolution *resolution, const struct sockaddr *address);

/* Appends the record. */
void resolution_record(const struct resolution *resolution, struct str *records);

#endif
