/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as values: parsing, printing and the classes that RFC 4291, 5735 and 6724 name. */
#ifndef MUX_BASE_ADDR_H
#define MUX_BASE_ADDR_H

#include <muxdiag/snapshot.h>

enum { ADDR_TEXT_MAX = 64 }; /* room for "[v6]:port" with its NUL */

/*
 * Parses what inet_pton(3) takes, nothing more (no "127.1", no leading zeros, no brackets), as
 * nss_files does. Returns 0 or -EINVAL.
 */
int addr_parse(struct mux_slice text, struct mux_address *ret_address);

/* Writes the address as inet_ntop(3) does, with "%index" for a scope, into buffer, and returns
 * buffer. An address of no family gives "-". */
const char *addr_format(const struct mux_address *address, char buffer[static ADDR_TEXT_MAX]);

/* As addr_format(), for a URL: IPv6 in brackets, ":port" unless port is 0. */
const char *addr_format_port(const struct mux_address *address, uint16_t port,
			     char buffer[static ADDR_TEXT_MAX]);

/* Same family, bytes and scope? */
bool addr_equal(const struct mux_address *a, const struct mux_address *b);

/* In 127.0.0.0/8, or ::1? (IPv4-mapped ::ffff:127.x counts.) */
bool addr_is_loopback(const struct mux_address *address);

/* 0.0.0.0 or ::? */
bool addr_is_unspecified(const struct mux_address *address);

/* ::ffff:0:0/96? */
bool addr_is_mapped(const struct mux_address *address);

/* Does address begin with the first prefix_len bits of prefix? Families must agree. */
bool addr_in_prefix(const struct mux_address *address, const struct mux_address *prefix,
		    unsigned prefix_len);

/* Number of leading bits that a and b share; 0 if the families differ. */
unsigned addr_common_prefix(const struct mux_address *a, const struct mux_address *b);

/* The two addresses this program is about. */
extern const struct mux_address addr_loopback4; /* 127.0.0.1 */
extern const struct mux_address addr_loopback6; /* ::1 */

#endif
