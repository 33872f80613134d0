/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/gain.h"

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"
#include "causes/answer.h"
#include "evaluate/client.h"

/* --- comparing --------------------------------------------------------------------------- */

static void compare_clients(const struct evaluation *before, const struct evaluation *after,
			    const struct ev_client *only, struct gain *gain)
{
	size_t i;

	for (i = 0; i < after->n_clients; i++) {
		const struct ev_client_result *now = &after->clients[i];
		enum fare is = answer_fare(now->works, now->after_ms), was = FARE_UNKNOWN;

		if (only != NULL ? now->client != only : now->aloof)
			continue;
		if (now->proxy != NULL) {
			gain->n_proxied++;
			continue;
		}
		if (i < before->n_clients)
			was = answer_fare(before->clients[i].works, before->clients[i].after_ms);
		/* What kept it from working was nothing that the fix has taken away. */
		if (i < before->n_clients && before->clients[i].aloof && only == NULL)
			was = is;
		gain->n_clients++;
		gain->n_working += is == FARE_WORKS;
		gain->gained_clients += (is == FARE_WORKS && was != FARE_WORKS) ||
					(is == FARE_STALLS && was < FARE_STALLS);
		gain->lost_clients += (is < FARE_WORKS && was == FARE_WORKS) ||
				      (is < FARE_STALLS && was == FARE_STALLS);
		gain->unsure |= is == FARE_UNKNOWN && was < FARE_WORKS;
	}
}

static const struct ev_candidate *find_address(const struct evaluation *evaluation,
					       const struct mux_address *address, bool of_target)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (addr_equal(&evaluation->candidates[i].address, address) &&
		    (!of_target || evaluation->candidates[i].name->of_target))
			return &evaluation->candidates[i];
	return NULL;
}

/* An address of the target that connects, and did not or was none of it. */
static bool is_gained(const struct evaluation *before, const struct ev_candidate *candidate)
{
	const struct ev_candidate *was = find_address(before, &candidate->address, true);

	return candidate->name->of_target && candidate->works == MUX_YES && !candidate->useless &&
	       (was == NULL || was->works != MUX_YES);
}

/* Another cause may still be in the way, but not this one. */
static bool is_freer(const struct evaluation *before, const struct ev_candidate *candidate)
{
	const struct ev_candidate *was = find_address(before, &candidate->address, false);

	return was != NULL && was->works != MUX_YES &&
	       ((was->blocked & ~candidate->blocked) != 0 || candidate->works == MUX_UNKNOWN);
}

static void compare_addresses(const struct evaluation *before, const struct evaluation *after,
			      struct gain *gain)
{
	size_t i;

	for (i = 0; i < after->n_candidates; i++) {
		gain->gained_addresses += is_gained(before, &after->candidates[i]);
		gain->unsure |= is_freer(before, &after->candidates[i]);
	}
}

/* Returns the name beside the target that now stands for something, from `*at` on, or NULL. */
static const struct ev_name *next_gained_name(const struct evaluation *before,
					      const struct evaluation *after, size_t *at)
{
	size_t i;

	while (*at < after->n_names) {
		const struct ev_name *name = &after->names[(*at)++];

		for (i = 0; i < before->n_names; i++)
			if (slice_equal_nocase(before->names[i].name, name->name) &&
			    !name->of_target && before->names[i].resolves != MUX_YES &&
			    name->resolves == MUX_YES)
				return name;
	}
	return NULL;
}

static bool resolves(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_names; i++)
		if (evaluation->names[i].of_target)
			return evaluation->names[i].resolves == MUX_YES;
	return false;
}

struct gain gain_compare(const struct evaluation *before, const struct evaluation *after,
			 const struct ev_client *only)
{
	struct gain gain = {.verdict = GAIN_NONE};
	size_t at = 0;

	compare_clients(before, after, only, &gain);
	compare_addresses(before, after, &gain);
	gain.unsure |= resolves(after) && !resolves(before);
	while (next_gained_name(before, after, &at) != NULL)
		gain.gained_names++;
	if (gain.gained_clients + gain.gained_addresses + gain.gained_names != 0 &&
	    (gain.lost_clients == 0 || gain.gained_clients > gain.lost_clients))
		gain.verdict = GAIN_CERTAIN;
	else if (gain.unsure && gain.lost_clients == 0)
		gain.verdict = GAIN_UNSURE;
	return gain;
}

/* --- words ------------------------------------------------------------------------------- */

/* "curl, ab and 3 more": the clients that then work, or those that do not. */
static void add_clients(struct str *text, const struct evaluation *after,
			const struct ev_client *only, bool working, size_t total)
{
	enum { SHOWN = 3 };
	size_t i, n = 0, shown = total <= SHOWN ? total : SHOWN - 1;

	for (i = 0; i < after->n_clients && n < shown; i++) {
		const struct ev_client_result *now = &after->clients[i];
		bool works = answer_fare(now->works, now->after_ms) == FARE_WORKS;

		if ((only != NULL ? now->client != only : now->aloof) || now->proxy != NULL ||
		    works != working)
			continue;
		str_addf(text, "%s%s",
			 n == 0		  ? ""
			 : n + 1 == total ? " and "
					  : ", ",
			 now->client->title);
		n++;
	}
	if (total > shown)
		str_addf(text, " and %zu more", total - shown);
}

static void add_working(struct str *text, const struct evaluation *after,
			const struct ev_client *only, const struct gain *gain)
{
	size_t left = gain->n_clients - gain->n_working;

	if (left == 0 && only == NULL) {
		str_add(text, gain->n_proxied == 0 ? "works for every client"
						   : "works for every client that asks no proxy");
	} else if (left * 2 < gain->n_clients && left != 0) {
		str_add(text, "works for every client but ");
		add_clients(text, after, only, false, left);
	} else if (gain->n_working != 0) {
		str_add(text, "works for ");
		add_clients(text, after, only, true, gain->n_working);
	} else {
		str_add(text, "works, after a delay");
	}
}

static void add_addresses(struct str *text, const struct evaluation *before,
			  const struct evaluation *after, size_t total)
{
	size_t i, n = 0;

	for (i = 0; i < after->n_candidates; i++) {
		char address[ADDR_TEXT_MAX];

		if (is_gained(before, &after->candidates[i]))
			str_addf(text, "%s%s",
				 n++ == 0     ? ""
				 : n == total ? " and "
					      : ", ",
				 addr_format(&after->candidates[i].address, address));
	}
	str_add(text, total == 1 ? " works, too" : " work, too");
}

const char *gain_describe(const struct evaluation *before, const struct evaluation *after,
			  const struct gain *gain, struct arena *arena)
{
	const struct ev_name *name;
	struct str text;
	size_t at = 0;

	str_init(&text, arena);
	if (gain->gained_clients != 0) {
		add_working(&text, after, before->only, gain);
	} else if (gain->gained_addresses != 0) {
		add_addresses(&text, before, after, gain->gained_addresses);
	} else {
		name = next_gained_name(before, after, &at);
		if (name != NULL)
			str_add_escaped(&text, name->name);
		str_add(&text, " stands for an address");
	}
	return str_done(&text);
}
