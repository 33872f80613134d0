/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the packet path itself remembers: readers of queues, conntrack's table. */
#include <errno.h>

#include "base/record.h"
#include "parse/parse.h"

/* Reads a number that cannot be negative. */
static bool read_count(struct mux_slice line, const char *key, uint64_t *ret)
{
	int64_t value;

	if (record_number(line, key, &value) != 0 || value < 0)
		return false;
	*ret = (uint64_t)value;
	return true;
}

int parse_queues(struct mux_slice bytes, struct arena *arena, struct mux_queues *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_queue)};
	struct mux_slice line;

	while (record_next(&bytes, &line)) {
		struct mux_queue *queue;
		uint64_t number, port;

		if (!read_count(line, "number", &number) || number > UINT16_MAX ||
		    !read_count(line, "port", &port) || port > UINT32_MAX)
			continue;
		queue = arena_list_add(arena, &list);
		if (queue == NULL)
			return -ENOMEM;
		queue->number = (uint16_t)number;
		queue->port = (uint32_t)port;
		read_count(line, "waiting", &queue->waiting);
		read_count(line, "dropped", &queue->dropped);
		record_text(line, "command", arena, &queue->command);
	}
	ret->list = list.items;
	ret->n = list.n;
	return arena_failed(arena) ? -ENOMEM : 0;
}

void parse_conntrack(struct mux_slice bytes, struct mux_conntrack *ret)
{
	struct mux_slice line = {"", 0};

	if (ret->source.presence != MUX_PRESENT)
		return;
	if (record_next(&bytes, &line) && read_count(line, "count", &ret->count) &&
	    read_count(line, "max", &ret->max))
		return;
	ret->source.presence = MUX_DENIED;
	ret->source.error = EBADMSG;
}
