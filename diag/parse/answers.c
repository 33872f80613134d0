/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What resolvers answered and what connections met, from gather's own records. A record that lacks
 * what it is about (a resolver, a protocol, an address) is skipped: it can only be damage.
 */
#include <errno.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/record.h"
#include "parse/parse.h"
#include "parse/text.h"

struct record {
	struct mux_slice line;
	struct arena *arena;
};

struct word {
	const char *text; /* NULL ends a table */
	int value;
};

static const struct word resolvers[] = {
	{"getaddrinfo", MUX_GETADDRINFO},
	{"c-ares", MUX_CARES},
	{NULL, 0},
};

static const struct word lookups[] = {
	{"system", MUX_LOOKUP_SYSTEM},
	{"hosts", MUX_LOOKUP_HOSTS},
	{"dns", MUX_LOOKUP_DNS},
	{NULL, 0},
};

static const struct word families[] = {
	{"unspec", AF_UNSPEC},
	{"inet", AF_INET},
	{"inet6", AF_INET6},
	{NULL, 0},
};

static const struct word protocols[] = {
	{"tcp", MUX_TCP},
	{"udp", MUX_UDP},
	{"icmp", MUX_ICMP},
	{NULL, 0},
};

static bool word_of(const struct record *record, const char *key, const struct word *words,
		    int *ret_value)
{
	struct mux_slice text;

	if (record_text(record->line, key, record->arena, &text) != 0)
		return false;
	while (words->text != NULL && !slice_is(text, words->text))
		words++;
	*ret_value = words->value;
	return words->text != NULL;
}

static struct mux_slice text_of(const struct record *record, const char *key)
{
	struct mux_slice text = {0};

	record_text(record->line, key, record->arena, &text);
	return text;
}

/* Returns the number if it lies in 0…largest, else 0. */
static int64_t natural_of(const struct record *record, const char *key, int64_t largest)
{
	int64_t value;

	if (record_number(record->line, key, &value) != 0 || value < 0 || value > largest)
		return 0;
	return value;
}

static int int_of(const struct record *record, const char *key)
{
	int64_t value;

	if (record_number(record->line, key, &value) != 0 || value < INT32_MIN || value > INT32_MAX)
		return 0;
	return (int)value;
}

/* Parses what addr_format() wrote: an address, with "%index" for a scope. */
static int parse_scoped(struct mux_slice text, struct mux_address *ret_address)
{
	struct mux_slice bare = text_before(text, '%'), index = text;
	struct mux_address address;
	uint64_t scope_id = 0;

	if (addr_parse(bare, &address) != 0)
		return -EINVAL;
	if (bare.len < text.len) {
		index.data += bare.len + 1;
		index.len -= bare.len + 1;
		if (slice_parse_u64(index, 10, &scope_id) != 0 || scope_id > UINT32_MAX)
			return -EINVAL;
	}
	address.scope_id = (uint32_t)scope_id;
	*ret_address = address;
	return 0;
}

static void parse_addresses(struct mux_slice text, struct arena *arena, struct mux_resolution *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_address)};

	while (text.len != 0) {
		struct mux_slice word = text_next_item(&text, ',');
		struct mux_address address, *item;

		if (parse_scoped(word, &address) != 0)
			continue;
		item = arena_list_add(arena, &list);
		if (item == NULL)
			return;
		*item = address;
	}
	ret->addresses = list.items;
	ret->n_addresses = list.n;
}

static bool parse_resolution(const struct record *record, struct mux_resolution *ret)
{
	int resolver, lookup;

	if (!word_of(record, "resolver", resolvers, &resolver) ||
	    !word_of(record, "lookup", lookups, &lookup) ||
	    !word_of(record, "family", families, &ret->family))
		return false;
	ret->resolver = (enum mux_resolver)resolver;
	ret->lookup = (enum mux_lookup)lookup;
	ret->name = text_of(record, "name");
	ret->addrconfig = natural_of(record, "addrconfig", 1) == 1;
	ret->answered = natural_of(record, "answered", 1) == 1;
	ret->status = int_of(record, "status");
	ret->error = int_of(record, "error");
	ret->status_text = text_of(record, "text");
	ret->elapsed_us = natural_of(record, "us", INT64_MAX);
	parse_addresses(text_of(record, "addresses"), record->arena, ret);
	return true;
}

int parse_resolutions(struct mux_slice bytes, struct arena *arena, struct mux_snapshot *snapshot)
{
	struct arena_list list = {.size = sizeof(struct mux_resolution)};
	struct record record = {.arena = arena};

	while (record_next(&bytes, &record.line)) {
		struct mux_resolution resolution = {0}, *item;

		if (!parse_resolution(&record, &resolution))
			continue;
		item = arena_list_add(arena, &list);
		if (item == NULL)
			return -ENOMEM;
		*item = resolution;
	}
	snapshot->resolutions = list.items;
	snapshot->n_resolutions = list.n;
	return arena_failed(arena) ? -ENOMEM : 0;
}

/* "origin/type/code", each a byte. */
static void parse_icmp(struct mux_slice text, struct mux_probe *ret)
{
	uint8_t *const fields[] = {&ret->icmp_origin, &ret->icmp_type, &ret->icmp_code};
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct mux_slice word = text_next_item(&text, '/');
		uint64_t value;

		if (slice_parse_u64(word, 10, &value) != 0 || value > UINT8_MAX)
			return;
		*fields[i] = (uint8_t)value;
	}
}

/* Returns the number, or -1 when there is none. */
static int64_t count_of(const struct record *record, const char *key)
{
	int64_t value;

	if (record_number(record->line, key, &value) != 0 || value < 0)
		return -1;
	return value;
}

static void parse_counters(const struct record *record, struct mux_counters *ret)
{
	ret->out_requests = count_of(record, "out_requests");
	ret->out_transmits = count_of(record, "out_transmits");
	ret->in_receives = count_of(record, "in_receives");
	ret->in_delivers = count_of(record, "in_delivers");
	ret->listen_overflows = count_of(record, "listen_overflows");
	ret->known = ret->out_requests >= 0 && ret->in_receives >= 0 && ret->in_delivers >= 0;
}

static bool parse_probe(const struct record *record, struct mux_probe *ret)
{
	int protocol;

	if (!word_of(record, "protocol", protocols, &protocol) ||
	    parse_scoped(text_of(record, "address"), &ret->address) != 0)
		return false;
	ret->protocol = (enum mux_protocol)protocol;
	ret->port = (uint16_t)natural_of(record, "port", UINT16_MAX);
	ret->local_port = (uint16_t)natural_of(record, "local_port", UINT16_MAX);
	ret->finished = natural_of(record, "finished", 1) == 1;
	ret->connected = natural_of(record, "connected", 1) == 1;
	ret->error = int_of(record, "error");
	ret->elapsed_us = natural_of(record, "us", INT64_MAX);
	ret->self = natural_of(record, "self", 1) == 1;
	parse_icmp(text_of(record, "icmp"), ret);
	parse_counters(record, &ret->counters);
	return true;
}

int parse_probes(struct mux_slice bytes, struct arena *arena, struct mux_snapshot *snapshot)
{
	struct arena_list list = {.size = sizeof(struct mux_probe)};
	struct record record = {.arena = arena};

	while (record_next(&bytes, &record.line)) {
		struct mux_probe probe = {0}, *item;

		if (!parse_probe(&record, &probe))
			continue;
		item = arena_list_add(arena, &list);
		if (item == NULL)
			return -ENOMEM;
		*item = probe;
	}
	snapshot->probes = list.items;
	snapshot->n_probes = list.n;
	return arena_failed(arena) ? -ENOMEM : 0;
}

int parse_trace_probe(struct mux_slice bytes, struct arena *arena, struct mux_trace *ret)
{
	struct record record = {.arena = arena};

	if (!record_next(&bytes, &record.line) || !parse_probe(&record, &ret->probe)) {
		ret->source.presence = MUX_DENIED;
		ret->source.error = EBADMSG;
		return arena_failed(arena) ? -ENOMEM : 0;
	}
	if (parse_scoped(text_of(&record, "local"), &ret->local) != 0)
		ret->local.family = 0;
	ret->table = text_of(&record, "table");
	ret->lost = natural_of(&record, "lost", 1) == 1;
	return arena_failed(arena) ? -ENOMEM : 0;
}
