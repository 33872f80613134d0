/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink messages for tests, one after the other as gather keeps them. */
#ifndef TESTS_UNIT_MESSAGE_H
#define TESTS_UNIT_MESSAGE_H

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <string.h>

#include "base/bundle.h"

struct messages {
	_Alignas(8) char data[8192];
	size_t len;
	struct nlmsghdr *last;
};

/* Begins a message with a zeroed header of its own of header_len bytes, which is returned. Messages
 * are small here: nobody checks that they fit. */
static inline void *message_begin(struct messages *messages, uint16_t type, size_t header_len)
{
	messages->last = mnl_nlmsg_put_header(messages->data + messages->len);
	messages->last->nlmsg_type = type;
	return mnl_nlmsg_put_extra_header(messages->last, header_len);
}

static inline void message_end(struct messages *messages)
{
	messages->len += messages->last->nlmsg_len;
}

static inline void message_put_u32(struct messages *messages, uint16_t type, uint32_t value)
{
	mnl_attr_put_u32(messages->last, type, value);
}

static inline void message_put_u32_be(struct messages *messages, uint16_t type, uint32_t value)
{
	mnl_attr_put_u32(messages->last, type, htonl(value));
}

static inline void message_put_u64_be(struct messages *messages, uint16_t type, uint64_t value)
{
	mnl_attr_put_u64(messages->last, type,
			 (uint64_t)htonl((uint32_t)value) << 32 | htonl((uint32_t)(value >> 32)));
}

static inline void message_put_string(struct messages *messages, uint16_t type, const char *text)
{
	mnl_attr_put_strz(messages->last, type, text);
}

static inline void message_put_address(struct messages *messages, uint16_t type, const char *text)
{
	int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	unsigned char bytes[16];

	if (inet_pton(family, text, bytes) == 1)
		mnl_attr_put(messages->last, type, family == AF_INET ? 4 : 16, bytes);
}

static inline struct mux_slice message_bytes(const struct messages *messages)
{
	return (struct mux_slice){.data = messages->data, .len = messages->len};
}

/* Puts the messages into the bundle as one entry and starts anew. */
static inline int message_store(struct messages *messages, struct mux_bundle *bundle,
				const char *name)
{
	int error = bundle_put(bundle, name, message_bytes(messages));

	memset(messages, 0, sizeof(*messages));
	return error;
}

#endif
