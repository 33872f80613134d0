/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/resolution.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/record.h"

void resolution_add_sockaddr(struct resolution *resolution, const struct sockaddr *address)
{
	struct mux_address *to = &resolution->addresses[resolution->n_addresses];

	if (resolution->n_addresses == RESOLUTION_ADDRESSES)
		return;
	memset(to, 0, sizeof(*to));
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const void *)address;

		memcpy(to->bytes, &v4->sin_addr, sizeof(v4->sin_addr));
	} else if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const void *)address;

		memcpy(to->bytes, &v6->sin6_addr, sizeof(v6->sin6_addr));
		to->scope_id = v6->sin6_scope_id;
	} else {
		return;
	}
	to->family = address->sa_family;
	resolution->n_addresses++;
}

void resolution_record(const struct resolution *resolution, struct str *records)
{
	const char *family = resolution->family == AF_INET    ? "inet"
			     : resolution->family == AF_INET6 ? "inet6"
							      : "unspec";
	char text[ADDR_TEXT_MAX], list[RESOLUTION_ADDRESSES * (ADDR_TEXT_MAX + 1)] = "";
	size_t i, len = 0;

	record_add(records, "resolver", slice_of(resolution->resolver));
	record_add(records, "lookup", slice_of(resolution->lookup));
	record_add(records, "name", slice_of(resolution->name));
	record_add(records, "family", slice_of(family));
	record_add_number(records, "addrconfig", resolution->addrconfig);
	record_add_number(records, "answered", resolution->answered);
	record_add_number(records, "status", resolution->status);
	record_add_number(records, "error", resolution->error);
	record_add(records, "text", slice_of(resolution->text));
	record_add_number(records, "us", resolution->elapsed_us);
	for (i = 0; i < resolution->n_addresses; i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i == 0 ? "" : ",",
					addr_format(&resolution->addresses[i], text));
	/* The percent sign in front of a scope is one that records use themselves. */
	record_add(records, "addresses", slice_of(list));
	record_end(records);
}
