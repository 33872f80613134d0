/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Netlink messages and attributes in bytes that may have been tampered with: nothing outside the
 * bytes is touched, lengths are checked before values are read. Bundle entries begin where
 * malloc(3) put them and messages are padded to four bytes (NLMSG_ALIGNTO), so headers are read in
 * place; bytes that begin elsewhere are refused as damaged.
 */
#ifndef MUX_PARSE_NETLINK_H
#define MUX_PARSE_NETLINK_H

#include <libmnl/libmnl.h>

#include <muxdiag/snapshot.h>

struct netlink_messages {
	struct mux_slice rest;
	bool damaged; /* bytes were left that are no message */
};

/* Starts at the first message. */
void netlink_begin(struct netlink_messages *messages, struct mux_slice bytes);

/*
 * Gives the next message of that type, of which the payload is at least header_len bytes; others
 * are skipped. A shorter one is damage and ends the walk, as are bytes that are no message. Returns
 * NULL at the end.
 */
const struct nlmsghdr *netlink_next(struct netlink_messages *messages, uint16_t type,
				    size_t header_len);

/* Lowers the source to MUX_DENIED with EBADMSG when the walk met damage. */
void netlink_finish(const struct netlink_messages *messages, struct mux_source *source);

/*
 * Fills table[0…n - 1] with the attributes behind a header of header_len bytes, by type; of several
 * with one type the last counts. table[0] is some attribute of a type that the table has no room
 * for, if there is one.
 */
void netlink_attributes(const struct nlmsghdr *message, size_t header_len,
			const struct nlattr **table, size_t n);

/* As netlink_attributes() for what is nested in an attribute; NULL has nothing nested. */
void netlink_nested(const struct nlattr *attribute, const struct nlattr **table, size_t n);

/*
 * Gives the next attribute of a list (the payload of an attribute) and moves *rest behind it.
 * Returns NULL at the end and where the bytes are no attribute.
 */
const struct nlattr *netlink_next_attribute(struct mux_slice *rest);

/* Returns the payload; empty for NULL. */
struct mux_slice netlink_bytes(const struct nlattr *attribute);

/* Returns the payload up to its first NUL byte; empty for NULL. */
struct mux_slice netlink_string(const struct nlattr *attribute);

/* Return the number in the payload, or `otherwise` for NULL and for payloads of another length;
 * _be converts from network order. */
uint8_t netlink_u8(const struct nlattr *attribute, uint8_t otherwise);
uint32_t netlink_u32(const struct nlattr *attribute, uint32_t otherwise);
uint32_t netlink_u32_be(const struct nlattr *attribute, uint32_t otherwise);
uint64_t netlink_u64_be(const struct nlattr *attribute, uint64_t otherwise);

/* Returns the address in the payload; one of no family for NULL or a payload that is too short. */
struct mux_address netlink_address(const struct nlattr *attribute, int family);

#endif
