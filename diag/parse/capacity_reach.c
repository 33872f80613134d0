/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the requests of a preflight met, and which ports are taken. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/addr.h"
#include "base/http.h"
#include "base/record.h"
#include "parse/capacity.h"
#include "parse/parse.h"
#include "parse/text.h"

enum { MAX_BASELINE = 1000 };

static int64_t number_or(struct mux_slice line, const char *key, int64_t otherwise)
{
	int64_t number;

	return record_number(line, key, &number) == 0 ? number : otherwise;
}

static int compare_times(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

static void take_baseline(struct mux_slice line, struct arena *arena, struct mux_reach *ret)
{
	struct mux_slice kind, list;
	int64_t *times = arena_array(arena, MAX_BASELINE, sizeof(*times));
	size_t n = 0;

	if (times == NULL || record_text(line, "baseline", arena, &kind) != 0 ||
	    record_text(line, "us", arena, &list) != 0)
		return;
	while (list.len != 0 && n < MAX_BASELINE) {
		times[n] = parse_leading_number(text_next_item(&list, ','));
		n += times[n] >= 0;
	}
	if (n == 0)
		return;
	qsort(times, n, sizeof(*times), compare_times);
	ret->n_baseline = n;
	ret->baseline_kept = slice_is(kind, "kept");
	ret->least_us = times[0];
	ret->median_us = times[n / 2];
	ret->p99_us = times[n - 1 - n / 100];
}

static void take_head(struct mux_slice first, int64_t n_bytes, struct mux_request *request)
{
	struct mux_slice head = {first.data, http_head_len(first)};

	request->status = http_status(head);
	request->server = http_field(head, "Server");
	request->body = n_bytes - (int64_t)head.len;
	/* RFC 9112 section 9.3: 1.1 keeps unless told otherwise, 1.0 only if it says so. */
	request->keeps = slice_starts_with(head, "HTTP/1.0")
				 ? http_field_has(head, "Connection", "keep-alive")
				 : !http_field_has(head, "Connection", "close");
}

static int add_request(struct mux_slice line, struct arena *arena, struct arena_list *list)
{
	struct mux_request *request = arena_list_add(arena, list);
	struct mux_slice first = {0};

	if (request == NULL)
		return -ENOMEM;
	record_text(line, "kind", arena, &request->kind);
	record_text(line, "head", arena, &first);
	request->number = (int)(number_or(line, "number", 0) & INT_MAX);
	request->error = (int)(number_or(line, "error", EBADMSG) & INT_MAX);
	request->elapsed_us = number_or(line, "us", 0);
	request->server_closed = number_or(line, "server_closed", 0) != 0;
	take_head(first, number_or(line, "bytes", 0), request);
	return arena_failed(arena) ? -ENOMEM : 0;
}

int parse_reach(struct mux_slice bytes, struct arena *arena, struct mux_reach *ret)
{
	struct arena_list requests = {.size = sizeof(struct mux_request)};
	struct mux_slice line, text;
	int error = 0;

	ret->conntrack_before = ret->conntrack_with = -1;
	while (error == 0 && record_next(&bytes, &line)) {
		if (record_text(line, "address", arena, &text) == 0) {
			addr_parse(text, &ret->address);
			ret->conntrack_before = number_or(line, "conntrack_before", -1);
			ret->conntrack_with = number_or(line, "conntrack_with", -1);
			ret->error = (int)(number_or(line, "error", 0) & INT_MAX);
			ret->elapsed_us = number_or(line, "us", 0);
		} else if (record_text(line, "kind", arena, &text) == 0) {
			error = add_request(line, arena, &requests);
		} else {
			take_baseline(line, arena, ret);
		}
	}
	ret->requests = requests.items;
	ret->n_requests = requests.n;
	return error != 0 || arena_failed(arena) ? -ENOMEM : 0;
}

int parse_destinations(struct mux_slice bytes, struct arena *arena, struct mux_destinations *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_destination)};
	struct mux_slice line, text;

	while (record_next(&bytes, &line)) {
		struct mux_destination *destination;
		struct mux_address address;

		if (record_text(line, "address", arena, &text) != 0 ||
		    addr_parse(text, &address) != 0)
			continue;
		destination = arena_list_add(arena, &list);
		if (destination == NULL)
			return -ENOMEM;
		destination->address = address;
		destination->in_use = number_or(line, "in_use", 0);
		destination->time_wait = number_or(line, "time_wait", 0);
		destination->at_least = number_or(line, "at_least", 0) != 0;
	}
	ret->list = list.items;
	ret->n = list.n;
	return arena_failed(arena) ? -ENOMEM : 0;
}
