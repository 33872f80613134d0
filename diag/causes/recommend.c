/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What to use instead: the machine's own name first, then 127.0.0.1, then ::1, then those addresses
 * of the target that work, and only what was seen to work. With a port that means a connection that
 * was made; without one, a path on which every stage is known to let it through.
 */
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"
#include "causes/answer.h"
#include "causes/talk.h"
#include "causes/words.h"

struct choice {
	const struct ev_candidate *works; /* the first address of the name that was seen to work */
	bool all;			  /* so do the others */
};

/* The scheme of what is recommended is the one that the servers of the target speak. */
static bool is_of_use(const struct evaluation *evaluation)
{
	return talk_find(evaluation, MUX_SPEECH_HTTP) != NULL ||
	       talk_find(evaluation, MUX_SPEECH_TLS) != NULL;
}

static bool seen_to_work(const struct evaluation *evaluation, const struct ev_candidate *candidate)
{
	if (candidate->works != MUX_YES || (candidate->useless && !is_of_use(evaluation)))
		return false;
	if (evaluation->target.port == 0)
		return true;
	return candidate->tcp != NULL && candidate->tcp->connected;
}

static struct choice look_at(const struct evaluation *evaluation, const struct ev_name *name)
{
	struct choice choice = {NULL, true};
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (candidate->name != name)
			continue;
		if (!seen_to_work(evaluation, candidate))
			choice.all = false;
		else if (choice.works == NULL)
			choice.works = candidate;
	}
	return choice;
}

/* What the server was found to speak; where it was not asked, what the target asks for. */
static bool wants_https(const struct evaluation *evaluation)
{
	bool speaks_tls = talk_find(evaluation, MUX_SPEECH_TLS) != NULL;
	bool speaks_http = talk_find(evaluation, MUX_SPEECH_HTTP) != NULL;

	if (speaks_tls != speaks_http)
		return speaks_tls;
	return strcmp(evaluation->target.scheme, "https") == 0;
}

/* The URL to use: with the target's path where it had one. */
static const char *use_text(const struct evaluation *evaluation, struct mux_slice host,
			    struct arena *arena)
{
	const struct mux_target *target = &evaluation->target;
	bool is_https = wants_https(evaluation);
	bool is_v6 = memchr(host.data, ':', host.len) != NULL;
	uint16_t usual = is_https ? 443 : 80;
	struct str text;

	str_init(&text, arena);
	if (target->port == 0) {
		str_add_escaped(&text, host);
		return str_done(&text);
	}
	str_add(&text, is_https ? "https://" : "http://");
	str_add(&text, is_v6 ? "[" : "");
	str_add_escaped(&text, host);
	str_add(&text, is_v6 ? "]" : "");
	if (target->port != usual)
		str_addf(&text, ":%u", (unsigned)target->port);
	str_add_escaped(&text, slice_of(target->path[0] != '\0' ? target->path : "/"));
	return str_done(&text);
}

static const char *why_text(const struct evaluation *evaluation, const struct choice *choice,
			    struct arena *arena)
{
	const char *address = words_address(arena, &choice->works->address);
	const char *rest = choice->all ? "" : "; not all of its addresses work";

	if (evaluation->target.port == 0)
		return arena_printf(arena, "nothing is in the way to %s%s", address, rest);
	return arena_printf(arena, "connects to %s in %s%s", address,
			    words_duration(arena, choice->works->tcp->elapsed_us), rest);
}

/* The kinds of names in the order they are recommended. A host name of which one address hangs is
 * worse than an address that works. */
enum kind { KIND_HOST_NAME, KIND_LITERAL4, KIND_LITERAL6, KIND_HOST_NAME_IN_PART, N_KINDS };

static enum kind kind_of(const struct ev_name *name, const struct choice *choice)
{
	if (name->literal)
		return choice->works->address.family == AF_INET ? KIND_LITERAL4 : KIND_LITERAL6;
	return choice->all ? KIND_HOST_NAME : KIND_HOST_NAME_IN_PART;
}

static void add(const struct evaluation *evaluation, struct mux_slice host,
		const struct choice *choice, struct arena *arena, struct arena_list *list)
{
	struct mux_recommendation *added = arena_list_add(arena, list);

	if (added == NULL)
		return;
	added->use = use_text(evaluation, host, arena);
	added->why = why_text(evaluation, choice, arena);
}

static void add_kind(const struct evaluation *evaluation, enum kind kind, struct arena *arena,
		     struct arena_list *list)
{
	size_t i;

	for (i = 0; i < evaluation->n_names; i++) {
		const struct ev_name *name = &evaluation->names[i];
		struct choice choice = look_at(evaluation, name);

		if (!name->of_target && choice.works != NULL && kind_of(name, &choice) == kind)
			add(evaluation, name->name, &choice, arena, list);
	}
}

/* Has an address been looked at already, as a literal, behind a name, or of the target? */
static bool is_offered(const struct evaluation *evaluation, size_t until)
{
	const struct mux_address *address = &evaluation->candidates[until].address;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if ((i < until || !candidate->name->of_target) && i != until &&
		    addr_equal(&candidate->address, address))
			return true;
	}
	return false;
}

/* The addresses of the target that work, where others of its addresses do not. */
static void add_addresses(const struct evaluation *evaluation, struct arena *arena,
			  struct arena_list *list)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];
		struct choice choice = {candidate, true};

		if (candidate->name->of_target && !candidate->name->literal &&
		    seen_to_work(evaluation, candidate) && !is_offered(evaluation, i))
			add(evaluation, slice_of(words_address(arena, &candidate->address)),
			    &choice, arena, list);
	}
}

void answer_recommendations(const struct evaluation *evaluation, struct arena *arena,
			    struct mux_report *report)
{
	struct arena_list list = {.size = sizeof(struct mux_recommendation)};
	struct answer_count count = answer_count(evaluation);
	enum kind kind;

	if (count.total != 0 && count.work == count.total)
		return;
	for (kind = 0; kind < N_KINDS; kind++)
		add_kind(evaluation, kind, arena, &list);
	add_addresses(evaluation, arena, &list);
	report->recommendations = list.items;
	report->n_recommendations = list.n;
}
