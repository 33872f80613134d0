/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks netlink attributes by hand: libmnl's getters trust that the bytes came from the kernel, but
 * here they may come from a recorded file.
 */
#include "netfilter/kernel.h"

#include "netfilter/attr.h"

#include <string.h>

static uint64_t from_be(struct mux_slice bytes)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < bytes.len; i++)
		value = value << 8 | (uint8_t)bytes.data[i];
	return value;
}

bool nf_attrs_parse(struct mux_slice bytes, struct nf_attrs *ret_attrs)
{
	struct mux_slice payload;
	bool damaged = false;
	uint16_t type;

	ret_attrs->present = 0;
	while (nf_attr_next(&bytes, &type, &payload, &damaged)) {
		if (type > NF_ATTR_MAX || nf_attr_has(ret_attrs, type))
			return false;
		ret_attrs->present |= 1u << type;
		ret_attrs->payload[type] = payload;
	}
	return !damaged;
}

static bool number(const struct nf_attrs *attrs, unsigned type, size_t len, uint64_t *value)
{
	if (!nf_attr_has(attrs, type))
		return true;
	if (attrs->payload[type].len != len)
		return false;
	*value = from_be(attrs->payload[type]);
	return true;
}

bool nf_attr_u16(const struct nf_attrs *attrs, unsigned type, uint16_t otherwise,
		 uint16_t *ret_value)
{
	uint64_t value = otherwise;
	bool good = number(attrs, type, sizeof(*ret_value), &value);

	*ret_value = (uint16_t)value;
	return good;
}

bool nf_attr_u8(const struct nf_attrs *attrs, unsigned type, uint8_t otherwise, uint8_t *ret_value)
{
	uint64_t value = otherwise;
	bool good = number(attrs, type, sizeof(*ret_value), &value);

	*ret_value = (uint8_t)value;
	return good;
}

bool nf_attr_u64(const struct nf_attrs *attrs, unsigned type, uint64_t otherwise,
		 uint64_t *ret_value)
{
	uint64_t value = otherwise;
	bool good = number(attrs, type, sizeof(*ret_value), &value);

	*ret_value = value;
	return good;
}

struct mux_slice nf_attr_name(const struct nf_attrs *attrs, unsigned type)
{
	struct mux_slice name = {NULL, 0};

	if (nf_attr_has(attrs, type)) {
		name = attrs->payload[type];
		name.len = strnlen(name.data, name.len);
	}
	return name;
}

bool nf_attr_value(const struct nf_attrs *attrs, unsigned type, struct mux_slice *ret_value)
{
	struct mux_slice rest;
	bool damaged;
	uint16_t inner;

	if (!nf_attr_has(attrs, type))
		return false;
	rest = attrs->payload[type];
	return nf_attr_next(&rest, &inner, ret_value, &damaged) && inner == NFTA_DATA_VALUE &&
	       rest.len == 0;
}
