/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlink.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/slice.h"
#include "parse/text.h"

/* MNL_ALIGN() without its detour over int. */
static size_t padded(size_t len)
{
	return (len + MNL_ALIGNTO - 1) / MNL_ALIGNTO * MNL_ALIGNTO;
}

void netlink_begin(struct netlink_messages *messages, struct mux_slice bytes)
{
	messages->rest = bytes;
	messages->damaged = bytes.len > INT_MAX || (uintptr_t)bytes.data % NLMSG_ALIGNTO != 0;
	if (messages->damaged)
		messages->rest.len = 0;
}

/* Cuts off the next message, padding included; at the very end the padding may be missing. */
static const struct nlmsghdr *next_message(struct netlink_messages *messages)
{
	const struct nlmsghdr *message = (const void *)messages->rest.data;
	size_t len;

	/* mnl_nlmsg_ok() of libmnl 1.0.4 compares as int and so takes lengths from 2^31 on. */
	if (!mnl_nlmsg_ok(message, (int)messages->rest.len) ||
	    message->nlmsg_len > messages->rest.len) {
		messages->damaged = true;
		messages->rest.len = 0;
		return NULL;
	}
	len = padded(message->nlmsg_len);
	if (len > messages->rest.len)
		len = messages->rest.len;
	messages->rest.data += len;
	messages->rest.len -= len;
	return message;
}

const struct nlmsghdr *netlink_next(struct netlink_messages *messages, uint16_t type,
				    size_t header_len)
{
	while (messages->rest.len != 0) {
		const struct nlmsghdr *message = next_message(messages);

		if (message == NULL)
			return NULL;
		if (message->nlmsg_type != type)
			continue;
		if (message->nlmsg_len >= NLMSG_HDRLEN + header_len)
			return message;
		messages->damaged = true;
		messages->rest.len = 0;
	}
	return NULL;
}

void netlink_finish(const struct netlink_messages *messages, struct mux_source *source)
{
	if (!messages->damaged || source->presence != MUX_PRESENT)
		return;
	source->presence = MUX_DENIED;
	source->error = EBADMSG;
}

const struct nlattr *netlink_next_attribute(struct mux_slice *rest)
{
	const struct nlattr *attribute = (const void *)rest->data;
	size_t len;

	if (rest->len == 0 || rest->len > INT_MAX || !mnl_attr_ok(attribute, (int)rest->len))
		return NULL;
	len = padded(attribute->nla_len);
	if (len > rest->len)
		len = rest->len;
	rest->data += len;
	rest->len -= len;
	return attribute;
}

static void fill(struct mux_slice list, const struct nlattr **table, size_t n)
{
	const struct nlattr *attribute;

	memset(table, 0, n * sizeof(const struct nlattr *));
	while ((attribute = netlink_next_attribute(&list)) != NULL) {
		uint16_t type = mnl_attr_get_type(attribute);

		table[type < n ? type : 0] = attribute;
	}
}

void netlink_attributes(const struct nlmsghdr *message, size_t header_len,
			const struct nlattr **table, size_t n)
{
	size_t skip = NLMSG_HDRLEN + padded(header_len);
	struct mux_slice list = {0};

	if (message->nlmsg_len > skip) {
		list.data = (const char *)message + skip;
		list.len = message->nlmsg_len - skip;
	}
	fill(list, table, n);
}

void netlink_nested(const struct nlattr *attribute, const struct nlattr **table, size_t n)
{
	fill(netlink_bytes(attribute), table, n);
}

struct mux_slice netlink_bytes(const struct nlattr *attribute)
{
	struct mux_slice bytes = {0};

	if (attribute != NULL) {
		bytes.data = mnl_attr_get_payload(attribute);
		bytes.len = mnl_attr_get_payload_len(attribute);
	}
	return bytes;
}

struct mux_slice netlink_string(const struct nlattr *attribute)
{
	return text_before(netlink_bytes(attribute), '\0');
}

/* Copies a payload of exactly `len` bytes. */
static bool copy_exactly(const struct nlattr *attribute, void *value, size_t len)
{
	struct mux_slice bytes = netlink_bytes(attribute);

	if (bytes.len != len)
		return false;
	memcpy(value, bytes.data, len);
	return true;
}

uint8_t netlink_u8(const struct nlattr *attribute, uint8_t otherwise)
{
	uint8_t value;

	return copy_exactly(attribute, &value, sizeof(value)) ? value : otherwise;
}

uint32_t netlink_u32(const struct nlattr *attribute, uint32_t otherwise)
{
	uint32_t value;

	return copy_exactly(attribute, &value, sizeof(value)) ? value : otherwise;
}

uint32_t netlink_u32_be(const struct nlattr *attribute, uint32_t otherwise)
{
	uint32_t value;

	return copy_exactly(attribute, &value, sizeof(value)) ? ntohl(value) : otherwise;
}

uint64_t netlink_u64_be(const struct nlattr *attribute, uint64_t otherwise)
{
	uint64_t value;

	return copy_exactly(attribute, &value, sizeof(value)) ? be64toh(value) : otherwise;
}

struct mux_address netlink_address(const struct nlattr *attribute, int family)
{
	struct mux_slice bytes = netlink_bytes(attribute);
	size_t len = family == AF_INET ? 4 : 16;
	struct mux_address address = {0};

	if (bytes.len < len || (family != AF_INET && family != AF_INET6))
		return address;
	address.family = family;
	memcpy(address.bytes, bytes.data, len);
	return address;
}
