/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What to use instead: the machine's own name first, then 127.0.0.1, then ::1, and only what was
 * seen to work. With a port that means a connection that was made; without one, a path on which
 * every stage is known to let it through.
 */
#include <string.h>
#include <sys/socket.h>

#include "base/slice.h"
#include "base/str.h"
#include "causes/answer.h"
#include "causes/words.h"

struct choice {
	const struct ev_candidate *works; /* the first address of the name that was seen to work */
	bool all;			  /* so do the others */
};

static bool seen_to_work(const struct evaluation *evaluation, const struct ev_candidate *candidate)
{
	if (candidate->works != MUX_YES)
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

/* The URL to use: the target's scheme and path where it had them. */
static const char *use_text(const struct evaluation *evaluation, const struct ev_name *name,
			    struct arena *arena)
{
	const struct mux_target *target = &evaluation->target;
	bool is_https = strcmp(target->scheme, "https") == 0;
	bool is_v6 = name->literal && memchr(name->name.data, ':', name->name.len) != NULL;
	uint16_t usual = is_https ? 443 : 80;
	struct str text;

	str_init(&text, arena);
	if (target->port == 0) {
		str_add_escaped(&text, name->name);
		return str_done(&text);
	}
	str_add(&text, is_https ? "https://" : "http://");
	str_add(&text, is_v6 ? "[" : "");
	str_add_escaped(&text, name->name);
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

static void add_kind(const struct evaluation *evaluation, enum kind kind, struct arena *arena,
		     struct arena_list *list)
{
	size_t i;

	for (i = 0; i < evaluation->n_names; i++) {
		const struct ev_name *name = &evaluation->names[i];
		struct choice choice = look_at(evaluation, name);
		struct mux_recommendation *added;

		if (name->of_target || choice.works == NULL || kind_of(name, &choice) != kind)
			continue;
		added = arena_list_add(arena, list);
		if (added == NULL)
			return;
		added->use = use_text(evaluation, name, arena);
		added->why = why_text(evaluation, &choice, arena);
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
	report->recommendations = list.items;
	report->n_recommendations = list.n;
}
