/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which clients are hit, as the report shows it, and in one clause. */
#include "evaluate/client.h"

#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "causes/answer.h"
#include "causes/words.h"

static void fill(const struct ev_client_result *result, struct arena *arena,
		 struct mux_client *client)
{
	*client = (struct mux_client){
		.name = result->client->name,
		.title = result->client->title,
		.works = result->works,
		.by_proxy = result->proxy != NULL,
		.after_ms = result->after_ms,
		.over = result->works == MUX_YES ? words_address(arena, &result->address) : "",
		.says = result->works == MUX_NO && result->says != NULL ? result->says : "",
		.text = result->text != NULL ? result->text : "",
	};
}

void answer_clients(const struct evaluation *evaluation, struct arena *arena,
		    struct mux_report *report)
{
	struct mux_client *clients = arena_array(arena, evaluation->n_clients, sizeof(*clients));
	size_t i, n = 0;

	if (clients == NULL)
		return;
	for (i = 0; i < evaluation->n_clients; i++)
		if (evaluation->only == NULL ? !evaluation->clients[i].aloof
					     : evaluation->clients[i].client == evaluation->only)
			fill(&evaluation->clients[i], arena, &clients[n++]);
	report->clients = clients;
	report->n_clients = n;
}

/* --- in one clause ----------------------------------------------------------------------- */

enum fare answer_fare(enum mux_answer works, int64_t after_ms)
{
	bool late = after_ms >= ANSWER_PATIENT_MS;

	if (works == MUX_UNKNOWN)
		return FARE_UNKNOWN;
	if (works == MUX_YES)
		return late ? FARE_STALLS : FARE_WORKS;
	return late ? FARE_DIES : FARE_FAILS;
}

static enum fare fare_of(const struct mux_client *client)
{
	return answer_fare(client->works, client->after_ms);
}

static void add_fare(struct str *text, const struct mux_client *client)
{
	static const char *const verbs[] = {"fails after", "fails", "stalls for", "works"};
	enum fare fare = fare_of(client);

	str_addf(text, "%s %s", client->title, verbs[fare]);
	if (fare == FARE_DIES || fare == FARE_STALLS)
		str_addf(text, " %s", ev_client_duration(text->arena, client->after_ms));
}

const char *answer_clause(const struct mux_report *report, struct arena *arena)
{
	const struct mux_client *first[N_FARES] = {NULL};
	struct str text;
	size_t i, n = 0, kinds = 0;

	for (i = 0; i < report->n_clients; i++) {
		enum fare fare = fare_of(&report->clients[i]);

		if (first[fare] == NULL)
			first[fare] = &report->clients[i];
	}
	for (i = 0; i < FARE_UNKNOWN; i++)
		kinds += first[i] != NULL;
	if (kinds < 2)
		return "";
	str_init(&text, arena);
	for (i = 0; i < FARE_UNKNOWN; i++) {
		if (first[i] == NULL)
			continue;
		str_add(&text, n++ == 0 ? "" : ", ");
		add_fare(&text, first[i]);
	}
	return str_done(&text);
}
