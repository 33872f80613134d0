/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several checks ask of the facts. */
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"
#include "preflight/preflight.h"

/* Connections of one processor, where nothing else is known: measured, 15 to 40 µs each. */
enum { MOST_PER_SECOND = 60 * 1000 };

int64_t preflight_sysctl(const struct preflight *preflight, const char *path)
{
	const struct mux_snapshot *snapshot = preflight->snapshot;
	uint64_t number;
	size_t i;

	for (i = 0; i < snapshot->n_sysctls; i++)
		if (strcmp(snapshot->sysctls[i].path, path) == 0 &&
		    snapshot->sysctls[i].source.presence == MUX_PRESENT &&
		    slice_parse_u64(snapshot->sysctls[i].text, 10, &number) == 0 &&
		    number <= INT64_MAX)
			return (int64_t)number;
	return -1;
}

const char *preflight_escape(struct preflight *preflight, struct mux_slice bytes)
{
	const char *text = str_escape(preflight->arena, bytes);

	return text != NULL ? text : "";
}

bool preflight_opens_many(const struct preflight *preflight)
{
	return !preflight->capacity->load.keepalive && !preflight->tool->always_keeps;
}

/*
 * One after the other, client and server take turns; at once, they take a processor each. More
 * processors help servers with more threads, but the tool's own cost stays.
 */
int64_t preflight_rate(const struct preflight *preflight)
{
	const struct mux_reach *reach = &preflight->capacity->reach;
	int64_t rate = MOST_PER_SECOND, own;

	if (reach->source.presence != MUX_PRESENT || reach->n_baseline == 0)
		return 0;
	if (reach->median_us > 0)
		rate = 2 * (int64_t)1000000 / reach->median_us;
	own = preflight->tool->one_thread ? 1000000 / preflight->tool->request_us : MOST_PER_SECOND;
	return rate < own ? rate : own;
}

enum mux_answer preflight_server_closes(const struct preflight *preflight)
{
	const struct mux_reach *reach = &preflight->capacity->reach;
	size_t i;

	if (reach->source.presence != MUX_PRESENT)
		return MUX_UNKNOWN;
	for (i = 0; i < reach->n_requests; i++)
		if (slice_is(reach->requests[i].kind, "new") && reach->requests[i].error == 0)
			return reach->requests[i].server_closed ? MUX_YES : MUX_NO;
	return MUX_UNKNOWN;
}

long long preflight_went_up(const struct preflight *preflight, const char *name)
{
	const struct mux_run *run = preflight->run;
	size_t i;

	for (i = 0; i < run->n_counters; i++)
		if (slice_is(run->counters[i].name, name))
			return (long long)(run->counters[i].after - run->counters[i].before);
	return 0;
}

int64_t preflight_patience_us(const struct preflight *preflight)
{
	const struct mux_reach *reach = &preflight->capacity->reach;
	const struct mux_talk *talk =
		preflight->candidate == NULL ? NULL : preflight->candidate->http;
	int64_t patience_us;
	int error;

	if (reach->source.presence != MUX_PRESENT)
		return -1;
	error = reach->n_requests == 0 ? reach->error : reach->requests[0].error;
	if (error != ETIMEDOUT)
		return -1;
	patience_us = reach->n_requests == 0 ? reach->elapsed_us : reach->requests[0].elapsed_us;
	/* The check of the target has waited, too. */
	if (talk != NULL && !talk->finished && talk->elapsed_us > patience_us)
		return talk->elapsed_us;
	return patience_us;
}

const char *preflight_listener_text(struct preflight *preflight,
				    const struct mux_listener *listener)
{
	char address[ADDR_TEXT_MAX];
	struct str text;

	str_init(&text, preflight->arena);
	str_add(&text, addr_format_port(&listener->address, listener->port, address));
	if (listener->pid != 0) {
		str_add(&text, " (");
		str_add_escaped(&text, listener->command);
		str_addf(&text, ", pid %d)", listener->pid);
	}
	return str_done(&text);
}
