/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attributes of one expression, straight from the kernel's bytes. Nothing is dropped silently:
 * damage, an attribute twice, or a type past NF_ATTR_MAX fails, and `present` lets an expression
 * see that there is one it does not know.
 */
#ifndef MUX_NETFILTER_ATTR_H
#define MUX_NETFILTER_ATTR_H

#include <arpa/inet.h>
#include <string.h>

#include <muxdiag/snapshot.h>

enum { NF_ATTR_MAX = 15 };

/* In `present`: the bytes were damaged. No attribute is there, and no expression knows this one. */
#define NF_ATTRS_DAMAGED (1u << 31)

struct nf_attrs {
	uint32_t present; /* 1u << type */
	struct mux_slice payload[NF_ATTR_MAX + 1];
};

/*
 * Cuts the next attribute off *rest. Returns false at the end; *ret_damaged is set when what is
 * left is no attribute. Inline, like all that runs for every expression of every rule.
 */
static inline bool nf_attr_next(struct mux_slice *rest, uint16_t *ret_type,
				struct mux_slice *ret_payload, bool *ret_damaged)
{
	uint16_t header[2]; /* struct nlattr: length, type */
	size_t step;

	if (rest->len == 0)
		return false;
	*ret_damaged = true;
	if (rest->len < sizeof(header))
		return false;
	memcpy(header, rest->data, sizeof(header));
	if (header[0] < sizeof(header) || header[0] > rest->len)
		return false;
	*ret_damaged = false;
	/* Without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
	*ret_type = header[1] & 0x3fffu;
	ret_payload->data = rest->data + sizeof(header);
	ret_payload->len = header[0] - sizeof(header);
	step = (header[0] + (size_t)3) & ~(size_t)3;
	if (step > rest->len)
		step = rest->len;
	rest->data += step;
	rest->len -= step;
	return true;
}

/* Parses all attributes in the bytes. Returns false when damaged. */
bool nf_attrs_parse(struct mux_slice bytes, struct nf_attrs *ret_attrs);

/* Is the attribute there? */
static inline bool nf_attr_has(const struct nf_attrs *attrs, unsigned type)
{
	return attrs->present >> type & 1;
}

/*
 * Reads a number in network order. Returns false when it is there with another length; a missing
 * attribute is `otherwise`.
 */
static inline bool nf_attr_u32(const struct nf_attrs *attrs, unsigned type, uint32_t otherwise,
			       uint32_t *ret_value)
{
	uint32_t value_be;

	*ret_value = otherwise;
	if (!nf_attr_has(attrs, type))
		return true;
	if (attrs->payload[type].len != sizeof(value_be))
		return false;
	memcpy(&value_be, attrs->payload[type].data, sizeof(value_be));
	*ret_value = ntohl(value_be);
	return true;
}

/* As nf_attr_u32() for one byte. */
bool nf_attr_u8(const struct nf_attrs *attrs, unsigned type, uint8_t otherwise, uint8_t *ret_value);

/* As nf_attr_u32() for 16 bits. */
bool nf_attr_u16(const struct nf_attrs *attrs, unsigned type, uint16_t otherwise,
		 uint16_t *ret_value);

/* As nf_attr_u32() for 64 bits. */
bool nf_attr_u64(const struct nf_attrs *attrs, unsigned type, uint64_t otherwise,
		 uint64_t *ret_value);

/* Returns the name in the attribute without its NUL; empty when missing. */
struct mux_slice nf_attr_name(const struct nf_attrs *attrs, unsigned type);

/* Reads the bytes of NFTA_DATA_VALUE inside the attribute. Returns false when there are none. */
bool nf_attr_value(const struct nf_attrs *attrs, unsigned type, struct mux_slice *ret_value);

#endif
