/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct mux_address addr_loopback4 = {.family = AF_INET, .bytes = {127, 0, 0, 1}};
const struct mux_address addr_loopback6 = {.family = AF_INET6, .bytes = {[15] = 1}};

static const struct mux_address mapped_prefix = {
	.family = AF_INET6,
	.bytes = {[10] = 0xff, [11] = 0xff},
};

int addr_parse(struct mux_slice text, struct mux_address *ret_address)
{
	char copy[INET6_ADDRSTRLEN];
	struct mux_address address = {0};

	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.data, '\0', text.len) != NULL)
		return -EINVAL;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	address.family = memchr(copy, ':', text.len) != NULL ? AF_INET6 : AF_INET;
	if (inet_pton(address.family, copy, address.bytes) != 1)
		return -EINVAL;
	*ret_address = address;
	return 0;
}

const char *addr_format(const struct mux_address *address, char buffer[static ADDR_TEXT_MAX])
{
	size_t len;

	if (address->family == 0 ||
	    inet_ntop(address->family, address->bytes, buffer, ADDR_TEXT_MAX) == NULL)
		return strcpy(buffer, "-");
	len = strlen(buffer);
	if (address->scope_id != 0)
		snprintf(buffer + len, ADDR_TEXT_MAX - len, "%%%u", address->scope_id);
	return buffer;
}

const char *addr_format_port(const struct mux_address *address, uint16_t port,
			     char buffer[static ADDR_TEXT_MAX])
{
	char text[ADDR_TEXT_MAX];
	bool brackets = address->family == AF_INET6 && port != 0;

	addr_format(address, text);
	if (port == 0)
		return strcpy(buffer, text);
	snprintf(buffer, ADDR_TEXT_MAX, "%s%.54s%s:%u", brackets ? "[" : "", text,
		 brackets ? "]" : "", port);
	return buffer;
}

static unsigned bits_of(int family)
{
	return family == AF_INET ? 32 : 128;
}

bool addr_equal(const struct mux_address *a, const struct mux_address *b)
{
	return a->family == b->family && a->scope_id == b->scope_id &&
	       memcmp(a->bytes, b->bytes, bits_of(a->family) / 8) == 0;
}

bool addr_is_mapped(const struct mux_address *address)
{
	return address->family == AF_INET6 && addr_in_prefix(address, &mapped_prefix, 96);
}

bool addr_is_loopback(const struct mux_address *address)
{
	if (address->family == AF_INET)
		return address->bytes[0] == 127;
	if (addr_is_mapped(address))
		return address->bytes[12] == 127;
	return address->family == AF_INET6 &&
	       memcmp(address->bytes, addr_loopback6.bytes, sizeof(address->bytes)) == 0;
}

bool addr_is_unspecified(const struct mux_address *address)
{
	static const uint8_t zero[16];

	return address->family != 0 &&
	       memcmp(address->bytes, zero, bits_of(address->family) / 8) == 0;
}

unsigned addr_common_prefix(const struct mux_address *a, const struct mux_address *b)
{
	unsigned bit, bits = bits_of(a->family);

	if (a->family != b->family)
		return 0;
	for (bit = 0; bit < bits; bit++)
		if ((a->bytes[bit / 8] ^ b->bytes[bit / 8]) & (0x80 >> bit % 8))
			break;
	return bit;
}

bool addr_in_prefix(const struct mux_address *address, const struct mux_address *prefix,
		    unsigned prefix_len)
{
	return address->family == prefix->family &&
	       addr_common_prefix(address, prefix) >= prefix_len;
}
