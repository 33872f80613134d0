/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps the newest result of each host and target: a few bytes each, however large it came. */
#include "fleet/fleet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1024 };

struct mux_fleet *mux_fleet_new(void)
{
	struct mux_fleet *fleet = calloc(1, sizeof(*fleet));

	if (fleet == NULL)
		return NULL;
	fleet->arena = arena_new();
	fleet->results.size = sizeof(struct fleet_result *);
	fleet->causes.size = sizeof(const char *);
	fleet->unread.size = sizeof(struct mux_summary_unread);
	fleet->n_slots = FIRST_SLOTS;
	fleet->table = calloc(fleet->n_slots, sizeof(struct fleet_result *));
	if (fleet->arena != NULL && fleet->table != NULL)
		return fleet;
	mux_fleet_free(fleet);
	return NULL;
}

void mux_fleet_free(struct mux_fleet *fleet)
{
	if (fleet == NULL)
		return;
	free(fleet->table);
	free(fleet->reader.data);
	arena_free(fleet->arena);
	free(fleet);
}

bool fleet_is_worse(enum mux_status a, enum mux_status b)
{
	static const int badness[] = {
		[MUX_STATUS_OK] = 0,
		[MUX_STATUS_WARNING] = 1,
		[MUX_STATUS_UNKNOWN] = 2,
		[MUX_STATUS_FAILS] = 3,
	};

	return badness[a] > badness[b];
}

/* --- texts ------------------------------------------------------------------------------- */

/* Texts of reports are escaped; those of somebody else's JSON are only said to be. */
static const char *clean_text(struct arena *arena, const char *text)
{
	struct str str;

	str_init(&str, arena);
	str_add_text(&str, text);
	return str_done(&str);
}

static const char *clean_bytes(struct arena *arena, const char *bytes)
{
	return str_escape(arena, (struct mux_slice){bytes, strlen(bytes)});
}

int mux_fleet_add_unread(struct mux_fleet *fleet, const char *source, const char *text)
{
	struct mux_summary_unread *unread = arena_list_add(fleet->arena, &fleet->unread);

	if (unread == NULL)
		return -ENOMEM;
	unread->source = clean_bytes(fleet->arena, source);
	unread->text = clean_bytes(fleet->arena, text);
	return unread->source != NULL && unread->text != NULL ? 0 : -ENOMEM;
}

/* --- the result that comes in ------------------------------------------------------------ */

void fleet_begin(struct mux_fleet *fleet)
{
	fleet->n_findings = 0;
}

/* Kebab-case, as ids are for good: they become keys of other programs. */
static bool is_id(const char *id)
{
	size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len != 0 && len <= FLEET_MAX_ID && id[len] == '\0';
}

/* Finds or adds the cause. There are so few that a walk is as quick as anything. */
static int find_cause(struct mux_fleet *fleet, const char *id, uint32_t *ret_cause)
{
	const char **causes = fleet->causes.items, *copy;
	size_t i;

	for (i = 0; i < fleet->causes.n; i++)
		if (strcmp(causes[i], id) == 0) {
			*ret_cause = (uint32_t)i;
			return 0;
		}
	if (i >= FLEET_MAX_CAUSES)
		return -E2BIG;
	copy = arena_copy(fleet->arena, id, strlen(id));
	causes = copy != NULL ? arena_list_add(fleet->arena, &fleet->causes) : NULL;
	if (causes == NULL)
		return -ENOMEM;
	*causes = copy;
	*ret_cause = (uint32_t)i;
	return 0;
}

int fleet_add_finding(struct mux_fleet *fleet, const char *id, enum mux_severity severity)
{
	uint32_t cause = 0;
	size_t i;
	int error;

	if (!is_id(id))
		return -EINVAL;
	error = find_cause(fleet, id, &cause);
	if (error != 0)
		return error;
	for (i = 0; i < fleet->n_findings && fleet->findings[i].cause != cause; i++)
		;
	if (i == FLEET_MAX_FINDINGS)
		return -E2BIG;
	if (i == fleet->n_findings)
		fleet->findings[fleet->n_findings++] = (struct fleet_finding){cause, severity};
	else if (severity > fleet->findings[i].severity)
		fleet->findings[i].severity = severity;
	return 0;
}

/* --- the table --------------------------------------------------------------------------- */

/* FNV-1a. */
static uint64_t hash(uint64_t value, const char *text)
{
	for (; *text != '\0'; text++)
		value = (value ^ (unsigned char)*text) * 1099511628211u;
	return value * 1099511628211u;
}

/* Returns the slot of the host and target, which is empty when they are not there yet. */
static struct fleet_result **find_slot(struct fleet_result **table, size_t n_slots,
				       const char *host, const char *target)
{
	size_t at = (size_t)hash(hash(14695981039346656037u, host), target) & (n_slots - 1);

	while (table[at] != NULL &&
	       (strcmp(table[at]->host, host) != 0 || strcmp(table[at]->target, target) != 0))
		at = (at + 1) & (n_slots - 1);
	return &table[at];
}

/* Keeps at most half of the slots taken. */
static int grow(struct mux_fleet *fleet)
{
	struct fleet_result *const *results = fleet->results.items;
	struct fleet_result **table;
	size_t i, n_slots = fleet->n_slots * 2;

	if (fleet->results.n < fleet->n_slots / 2)
		return 0;
	table = calloc(n_slots, sizeof(struct fleet_result *));
	if (table == NULL)
		return -ENOMEM;
	for (i = 0; i < fleet->results.n; i++)
		*find_slot(table, n_slots, results[i]->host, results[i]->target) = results[i];
	free(fleet->table);
	fleet->table = table;
	fleet->n_slots = n_slots;
	return 0;
}

/* Returns the result of the host and target, made if there is none yet, with copies of both; NULL
 * when out of memory. */
static struct fleet_result *find_result(struct mux_fleet *fleet, const char *host,
					const char *target)
{
	struct fleet_result **slot, **place;

	if (grow(fleet) != 0)
		return NULL;
	slot = find_slot(fleet->table, fleet->n_slots, host, target);
	if (*slot != NULL)
		return *slot;
	*slot = arena_alloc(fleet->arena, sizeof(**slot));
	place = *slot != NULL ? arena_list_add(fleet->arena, &fleet->results) : NULL;
	if (place == NULL) {
		*slot = NULL;
		return NULL;
	}
	*place = *slot;
	(*slot)->host = arena_copy(fleet->arena, host, strlen(host));
	(*slot)->target = arena_copy(fleet->arena, target, strlen(target));
	(*slot)->time = INT64_MIN;
	return arena_failed(fleet->arena) ? NULL : *slot;
}

static int take_findings(struct mux_fleet *fleet, struct fleet_result *result)
{
	size_t n = fleet->n_findings;

	if (n > result->capacity) {
		result->findings = arena_array(fleet->arena, n, sizeof(struct fleet_finding));
		result->capacity = result->findings != NULL ? n : 0;
	}
	result->n_findings = n <= result->capacity ? n : 0;
	if (n > result->capacity)
		return -ENOMEM;
	if (n != 0)
		memcpy(result->findings, fleet->findings, n * sizeof(struct fleet_finding));
	return 0;
}

static struct fleet_result *find_answered(struct mux_fleet *fleet,
					  const struct mux_fleet_source *source,
					  const struct fleet_answer *answer)
{
	bool named = answer->host != NULL && answer->host[0] != '\0' && !source->is_host;
	struct arena *scratch = arena_new();
	struct fleet_result *result = NULL;
	const char *host, *target;

	if (scratch == NULL)
		return NULL;
	host = named ? clean_text(scratch, answer->host) : clean_bytes(scratch, source->host);
	target = clean_text(scratch, answer->target);
	if (!arena_failed(scratch))
		result = find_result(fleet, host, target);
	arena_free(scratch);
	return result;
}

int fleet_commit(struct mux_fleet *fleet, const struct mux_fleet_source *source,
		 const struct fleet_answer *answer)
{
	struct fleet_result *result = find_answered(fleet, source, answer);

	if (result == NULL)
		return -ENOMEM;
	fleet->n_read++;
	if (result->time != INT64_MIN)
		result->n_older++;
	if (answer->time < result->time)
		return 0;
	result->time = answer->time;
	result->status = answer->status;
	return take_findings(fleet, result);
}

int mux_fleet_add_report(struct mux_fleet *fleet, const struct mux_fleet_source *source,
			 const struct mux_report *report)
{
	const struct mux_machine *machine = report->machine;
	const struct fleet_answer answer = {
		.host = machine != NULL ? machine->host_name : NULL,
		.target = report->target,
		.time = machine != NULL ? machine->time : 0,
		.status = report->status,
	};
	size_t i;
	int error = 0;

	fleet_begin(fleet);
	for (i = 0; error == 0 && i < report->n_findings; i++)
		error = fleet_add_finding(fleet, report->findings[i].id,
					  report->findings[i].severity);
	return error != 0 ? error : fleet_commit(fleet, source, &answer);
}
