/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules are pairwise comparisons, in turn, each "negative: a first, 0: the next rule decides".
 * What does not depend on the pair is looked up in the tables once.
 */
#include "evaluate/order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"

enum { SCOPE_LINK = 2, SCOPE_SITE = 5, SCOPE_GLOBAL = 14 }; /* RFC 4291 section 2.7 */

struct key {
	struct ev_destination destination;
	int scope, source_scope;
	int label, source_label;
	int precedence;
};

/* RFC 6724 section 3.2: tables hold IPv4 as ::ffff:0:0/96. */
static struct mux_address as_v6(const struct mux_address *address)
{
	struct mux_address mapped = *address;

	if (address->family != AF_INET)
		return mapped;
	mapped.family = AF_INET6;
	memset(mapped.bytes, 0, sizeof(mapped.bytes));
	mapped.bytes[10] = mapped.bytes[11] = 0xff;
	memcpy(mapped.bytes + 12, address->bytes, 4);
	return mapped;
}

/* The longest prefix wins; of equals the first. Returns `otherwise` when none matches. */
static int find_value(const struct mux_gai_row *rows, size_t n, const struct mux_address *address,
		      int otherwise)
{
	const struct mux_gai_row *best = NULL;
	size_t i;

	for (i = 0; i < n; i++)
		if (addr_in_prefix(address, &rows[i].prefix, rows[i].prefix_len) &&
		    (best == NULL || rows[i].prefix_len > best->prefix_len))
			best = &rows[i];
	return best != NULL ? best->value : otherwise;
}

/* get_scope() of posix/getaddrinfo.c; RFC 6724 section 3.1, but that glibc takes IPv4-mapped
 * addresses for global ones. */
static int scope_of(const struct mux_address *address, const struct mux_gai *gai)
{
	const uint8_t *bytes = address->bytes;

	if (address->family == AF_INET)
		return find_value(gai->scopes4, gai->n_scopes4, address, SCOPE_GLOBAL);
	if (bytes[0] == 0xff)
		return bytes[1] & 0x0f;
	if (addr_is_loopback(address) || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80))
		return SCOPE_LINK;
	if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0xc0)
		return SCOPE_SITE;
	return SCOPE_GLOBAL;
}

static void fill(struct key *key, const struct ev_destination *destination,
		 const struct mux_gai *gai)
{
	struct mux_address address = as_v6(&destination->address);
	struct mux_address source = as_v6(&destination->source);

	key->destination = *destination;
	key->scope = scope_of(&destination->address, gai);
	key->label = find_value(gai->labels, gai->n_labels, &address, -1);
	key->precedence = find_value(gai->precedences, gai->n_precedences, &address, -1);
	if (!destination->usable)
		return;
	key->source_scope = scope_of(&destination->source, gai);
	key->source_label = find_value(gai->labels, gai->n_labels, &source, -1);
}

/* Negative when only the first has it. */
static int prefer(bool a, bool b)
{
	return (int)b - (int)a;
}

/* Negative when the first is smaller. */
static int smaller(int a, int b)
{
	return (a > b) - (a < b);
}

/* Bits that source and destination share. For IPv4 glibc counts only within the source's own
 * network, because beyond it common bits mean nothing. */
static unsigned shared_bits(const struct ev_destination *destination)
{
	unsigned bits = addr_common_prefix(&destination->address, &destination->source);

	if (destination->address.family == AF_INET &&
	    (destination->source_prefix_len == 0 || bits < destination->source_prefix_len))
		return 0;
	return bits;
}

static int compare_prefixes(const struct ev_destination *a, const struct ev_destination *b)
{
	unsigned bits_a, bits_b;

	if (!a->usable || !b->usable || a->address.family != b->address.family)
		return 0;
	bits_a = shared_bits(a);
	bits_b = shared_bits(b);
	return (bits_b > bits_a) - (bits_b < bits_a);
}

/* Rules 2 to 5 and 7 look at the source, which only a usable destination has. */
static int compare_sources(const struct key *a, const struct key *b)
{
	int order = prefer(a->scope == a->source_scope, b->scope == b->source_scope);

	if (order == 0)
		order = prefer(!a->destination.deprecated, !b->destination.deprecated);
	if (order == 0)
		order = prefer(a->destination.home, b->destination.home);
	if (order == 0)
		order = prefer(a->label == a->source_label, b->label == b->source_label);
	return order;
}

static int compare(const void *first, const void *second)
{
	const struct key *a = first, *b = second;
	int order = prefer(a->destination.usable, b->destination.usable);

	if (order == 0 && a->destination.usable)
		order = compare_sources(a, b);
	if (order == 0)
		order = smaller(b->precedence, a->precedence);
	if (order == 0 && a->destination.usable)
		order = prefer(!a->destination.encapsulated, !b->destination.encapsulated);
	if (order == 0)
		order = smaller(a->scope, b->scope);
	if (order == 0)
		order = compare_prefixes(&a->destination, &b->destination);
	if (order == 0)
		order = a->destination.position < b->destination.position ? -1 : 1;
	return order;
}

int ev_order(struct ev_destination *destinations, size_t n, const struct mux_gai *gai,
	     struct arena *arena)
{
	struct key *keys = arena_array(arena, n, sizeof(*keys));
	size_t i;

	if (keys == NULL)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		destinations[i].position = i;
		fill(&keys[i], &destinations[i], gai);
	}
	if (n != 0)
		qsort(keys, n, sizeof(*keys), compare);
	for (i = 0; i < n; i++)
		destinations[i] = keys[i].destination;
	return 0;
}
