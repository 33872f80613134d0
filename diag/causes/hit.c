/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is hit, in one line: the clients that fail, those that work late, and those that do not
 * notice. */
#include "base/str.h"
#include "causes/answer.h"
#include "causes/subject.h"
#include "evaluate/client.h"

/* More are counted, not named. */
enum { MOST_NAMES = 3 };

/* Clients that fare alike. */
struct crowd {
	size_t n;
	int64_t shortest_ms, longest_ms;
	const char *names[MOST_NAMES];
};

static struct crowd gather(const struct evaluation *evaluation, bool (*belongs)(enum fare fare))
{
	struct crowd crowd = {.n = 0};
	size_t i;

	for (i = 0; i < evaluation->n_clients; i++) {
		const struct ev_client_result *result = &evaluation->clients[i];

		if (result->aloof || result->useless ||
		    !belongs(answer_fare(result->works, result->after_ms)))
			continue;
		if (crowd.n == 0 || result->after_ms < crowd.shortest_ms)
			crowd.shortest_ms = result->after_ms;
		if (result->after_ms > crowd.longest_ms)
			crowd.longest_ms = result->after_ms;
		if (crowd.n < MOST_NAMES)
			crowd.names[crowd.n] = result->client->title;
		crowd.n++;
	}
	return crowd;
}

static bool fails(enum fare fare)
{
	return fare == FARE_DIES || fare == FARE_FAILS;
}

static bool stalls(enum fare fare)
{
	return fare == FARE_STALLS;
}

static bool works(enum fare fare)
{
	return fare == FARE_WORKS;
}

/* "ab, wrk, wget and 9 more" */
static void add_names(struct str *text, const struct crowd *crowd)
{
	size_t i, n = crowd->n < MOST_NAMES ? crowd->n : MOST_NAMES;

	str_add(text, text->len != 0 ? "; " : "");
	for (i = 0; i < n; i++)
		str_addf(text, "%s%s",
			 i == 0			       ? ""
			 : i + 1 == n && n == crowd->n ? " and "
						       : ", ",
			 crowd->names[i]);
	if (n < crowd->n)
		str_addf(text, " and %zu more", crowd->n - n);
}

static void add_times(struct str *text, const struct crowd *crowd)
{
	const char *longest = ev_client_duration(text->arena, crowd->longest_ms);

	if (crowd->longest_ms < ANSWER_PATIENT_MS)
		str_add(text, " at once");
	else if (crowd->shortest_ms < ANSWER_PATIENT_MS)
		str_addf(text, ", some at once and some after up to %s", longest);
	else if (crowd->longest_ms - crowd->shortest_ms < 1000)
		str_addf(text, " after %s", longest);
	else
		str_addf(text, " after %s to %s",
			 ev_client_duration(text->arena, crowd->shortest_ms), longest);
}

const char *subject_hit(const struct findings *findings, int family)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct crowd failing = gather(evaluation, fails);
	const struct crowd stalling = gather(evaluation, stalls);
	const struct crowd working = gather(evaluation, works);
	struct str text;

	if (family == 0 || !subject_works(evaluation) || failing.n + stalling.n == 0)
		return "";
	str_init(&text, findings->arena);
	if (failing.n != 0) {
		add_names(&text, &failing);
		str_add(&text, failing.n == 1 ? " fails" : " fail");
		add_times(&text, &failing);
	}
	if (stalling.n != 0) {
		add_names(&text, &stalling);
		str_add(&text, stalling.n == 1 ? " works only" : " work only");
		add_times(&text, &stalling);
	}
	if (working.n != 0) {
		add_names(&text, &working);
		str_add(&text, working.n == 1 ? " does not notice" : " do not notice");
	}
	return str_done(&text) != NULL ? text.data : "";
}
