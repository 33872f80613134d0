/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the results to the counts: each host once, however many targets it was asked about. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/fleet.h"

/* What hits whom, while it is counted. */
struct tally {
	struct mux_summary_cause cause;
	size_t *hosts;
	size_t last_host; /* place of the last one that was counted, plus one */
};

struct counting {
	struct mux_fleet *fleet;
	struct mux_summary *summary;
	struct fleet_result **results; /* by host */
	struct mux_summary_host *hosts;
	struct tally *tallies; /* by place of the cause in the fleet */
};

static int compare_results(const void *a, const void *b)
{
	const struct fleet_result *const *first = a, *const *second = b;
	int order = strcmp((*first)->host, (*second)->host);

	return order != 0 ? order : strcmp((*first)->target, (*second)->target);
}

/* Most hosts first, then the worst, then by name. */
static int compare_causes(const void *a, const void *b)
{
	const struct mux_summary_cause *first = a, *second = b;

	if (first->n_hosts != second->n_hosts)
		return first->n_hosts < second->n_hosts ? 1 : -1;
	if (first->severity != second->severity)
		return first->severity < second->severity ? 1 : -1;
	return strcmp(first->id, second->id);
}

/* A cause that several targets of a host have counts once. */
static void count_findings(struct counting *counting, const struct fleet_result *result)
{
	struct mux_summary_host *host = &counting->hosts[counting->summary->n_hosts - 1];
	size_t i;

	for (i = 0; i < result->n_findings; i++) {
		struct tally *tally = &counting->tallies[result->findings[i].cause];

		if (tally->cause.n_hosts == 0 ||
		    result->findings[i].severity > tally->cause.severity)
			tally->cause.severity = result->findings[i].severity;
		if (tally->last_host == counting->summary->n_hosts)
			continue;
		tally->last_host = counting->summary->n_hosts;
		tally->cause.n_hosts++;
		host->n_causes++;
	}
}

static void count_hosts(struct counting *counting)
{
	struct mux_summary *summary = counting->summary;
	size_t i;

	for (i = 0; i < counting->fleet->results.n; i++) {
		const struct fleet_result *result = counting->results[i];
		struct mux_summary_host *host;

		if (i == 0 || strcmp(counting->results[i - 1]->host, result->host) != 0)
			counting->hosts[summary->n_hosts++] = (struct mux_summary_host){
				.name = result->host,
				.status = result->status,
			};
		host = &counting->hosts[summary->n_hosts - 1];
		if (fleet_is_worse(result->status, host->status))
			host->status = result->status;
		host->n_targets++;
		host->n_older += result->n_older;
		summary->n_older += result->n_older;
		count_findings(counting, result);
	}
}

/* The second walk, when it is known how much room each cause needs. */
static int list_hosts(struct counting *counting)
{
	struct arena *arena = counting->fleet->arena;
	size_t i, j, place = 0;

	for (i = 0; i < counting->fleet->causes.n; i++) {
		struct tally *tally = &counting->tallies[i];

		tally->hosts = arena_array(arena, tally->cause.n_hosts, sizeof(size_t));
		if (tally->hosts == NULL)
			return -ENOMEM;
		tally->cause.hosts = tally->hosts;
		tally->cause.n_hosts = 0;
	}
	for (i = 0; i < counting->fleet->results.n; i++) {
		const struct fleet_result *result = counting->results[i];

		if (strcmp(counting->hosts[place].name, result->host) != 0)
			place++;
		for (j = 0; j < result->n_findings; j++) {
			struct tally *tally = &counting->tallies[result->findings[j].cause];
			size_t n = tally->cause.n_hosts;

			if (n != 0 && tally->hosts[n - 1] == place)
				continue;
			tally->hosts[tally->cause.n_hosts++] = place;
		}
	}
	return 0;
}

/* The ones that hit somebody; of a result that was replaced there may be others. */
static int list_causes(struct counting *counting)
{
	const char *const *ids = counting->fleet->causes.items;
	size_t i, n = counting->fleet->causes.n;
	struct mux_summary_cause *causes =
		arena_array(counting->fleet->arena, n, sizeof(struct mux_summary_cause));

	if (causes == NULL)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		counting->tallies[i].cause.id = ids[i];
		if (counting->tallies[i].cause.n_hosts != 0)
			causes[counting->summary->n_causes++] = counting->tallies[i].cause;
	}
	if (counting->summary->n_causes != 0)
		qsort(causes, counting->summary->n_causes, sizeof(*causes), compare_causes);
	counting->summary->causes = causes;
	return 0;
}

static void count_statuses(struct mux_summary *summary)
{
	size_t i;

	summary->status = summary->n_unread != 0 ? MUX_STATUS_UNKNOWN : MUX_STATUS_OK;
	for (i = 0; i < summary->n_hosts; i++) {
		summary->n_of_status[summary->hosts[i].status]++;
		if (fleet_is_worse(summary->hosts[i].status, summary->status))
			summary->status = summary->hosts[i].status;
	}
}

static int count(struct counting *counting)
{
	struct mux_fleet *fleet = counting->fleet;
	struct mux_summary *summary = counting->summary;
	struct mux_summary_unread *unread =
		arena_array(fleet->arena, fleet->unread.n, sizeof(struct mux_summary_unread));
	int error;

	if (unread == NULL || counting->results == NULL || counting->hosts == NULL ||
	    counting->tallies == NULL)
		return -ENOMEM;
	if (fleet->results.n != 0) {
		memcpy(counting->results, fleet->results.items,
		       fleet->results.n * sizeof(struct fleet_result *));
		qsort(counting->results, fleet->results.n, sizeof(struct fleet_result *),
		      compare_results);
	}
	if (fleet->unread.n != 0)
		memcpy(unread, fleet->unread.items, fleet->unread.n * sizeof(*unread));
	summary->unread = unread;
	summary->n_unread = fleet->unread.n;
	summary->n_results = fleet->n_read;
	summary->hosts = counting->hosts;
	count_hosts(counting);
	error = list_hosts(counting);
	if (error == 0)
		error = list_causes(counting);
	count_statuses(summary);
	return error;
}

const struct mux_summary *mux_fleet_summarize(struct mux_fleet *fleet, struct mux_error *reterr)
{
	struct arena *arena = fleet->arena;
	size_t n = fleet->results.n;
	struct counting counting = {
		.fleet = fleet,
		.summary = arena_alloc(arena, sizeof(struct mux_summary)),
		.results = arena_array(arena, n, sizeof(struct fleet_result *)),
		.hosts = arena_array(arena, n, sizeof(struct mux_summary_host)),
		.tallies = arena_array(arena, fleet->causes.n, sizeof(struct tally)),
	};

	if (counting.summary != NULL && count(&counting) == 0 && !arena_failed(arena))
		return counting.summary;
	reterr->code = ENOMEM;
	snprintf(reterr->message, sizeof(reterr->message), "out of memory");
	return NULL;
}
