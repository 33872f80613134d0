/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render/journey.h"

#include <netinet/in.h>
#include <string.h>

#include "base/str.h"
#include "render/path.h"

/* Of longer lists the middle is summed up: a picture of ten thousand rows is none. */
enum { FIRST_ROWS = 5, LAST_ROWS = 5, FIRST_CHAINS = 8, LAST_CHAINS = 4 };

/* A packet while its steps are sorted. */
struct sorting {
	const struct mux_path *path;
	struct arena *arena;
	struct arena_list journeys; /* of struct journey */
	struct arena_list chains;   /* of struct journey_chain, of the hook at hand */
	struct arena_list rows;	    /* of struct journey_row, of the chain at hand */
};

static const char *const hook_names[] = {
	[JOURNEY_OUTPUT] = "output",	     [JOURNEY_POSTROUTING] = "postrouting",
	[JOURNEY_EGRESS] = "egress",	     [JOURNEY_INGRESS] = "ingress",
	[JOURNEY_PREROUTING] = "prerouting", [JOURNEY_INPUT] = "input",
};

bool journey_is_common(size_t hook)
{
	return hook != JOURNEY_EGRESS && hook != JOURNEY_INGRESS;
}

static size_t find_hook(const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < JOURNEY_N_HOOKS; i++)
		if (strcmp(hook_names[i], name) == 0)
			return i;
	return JOURNEY_N_HOOKS;
}

/* --- rows -------------------------------------------------------------------------------- */

static enum journey_state state_of(const struct mux_path *path, const struct mux_path_step *step)
{
	bool died = path->verdict == MUX_PATH_DROP || path->verdict == MUX_PATH_REJECT;

	if (step->decides)
		return died ? JOURNEY_DIES : JOURNEY_UNKNOWN;
	if (step->matches == MUX_UNKNOWN)
		return JOURNEY_UNKNOWN;
	/* What a reject sends back may be dropped itself; the path's verdict is the reject. */
	if (step->matches == MUX_YES &&
	    (strcmp(step->verdict, "drop") == 0 || strcmp(step->verdict, "reject") == 0))
		return JOURNEY_DIES;
	return JOURNEY_PASSES;
}

static void sum_up(struct sorting *sorting, size_t n_rules, bool some_match)
{
	struct journey_row *last = sorting->rows.items;

	last = sorting->rows.n != 0 ? &last[sorting->rows.n - 1] : NULL;
	if (last == NULL || last->step != NULL)
		last = arena_list_add(sorting->arena, &sorting->rows);
	if (last == NULL)
		return;
	last->n_rules += n_rules;
	last->some_match |= some_match;
}

static void add_row(struct sorting *sorting, const struct mux_path_step *step)
{
	struct journey_row *row;

	if (!path_step_matters(step)) {
		sum_up(sorting, 1, step->matches == MUX_YES);
		return;
	}
	row = arena_list_add(sorting->arena, &sorting->rows);
	if (row != NULL)
		*row = (struct journey_row){.step = step, .state = state_of(sorting->path, step)};
}

/* Sums up the middle of what has become too long, but nothing that decides. */
static void shorten_rows(struct sorting *sorting, struct journey_chain *chain)
{
	const struct arena_list all = sorting->rows;
	const struct journey_row *rows = all.items;
	size_t i;

	sorting->rows = (struct arena_list){.size = sizeof(struct journey_row)};
	for (i = 0; i < all.n; i++) {
		bool shown = i < FIRST_ROWS || i + LAST_ROWS >= all.n ||
			     (rows[i].step != NULL && rows[i].step->decides);
		struct journey_row *row;

		if (!shown || rows[i].step == NULL) {
			sum_up(sorting, rows[i].step == NULL ? rows[i].n_rules : 1,
			       rows[i].step != NULL || rows[i].some_match);
			continue;
		}
		row = arena_list_add(sorting->arena, &sorting->rows);
		if (row != NULL)
			*row = rows[i];
	}
	chain->rows = sorting->rows.items;
	chain->n_rows = sorting->rows.n;
}

/* --- chains ------------------------------------------------------------------------------ */

static bool is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Is the step of the base chain that began with `first`? */
static bool is_of_chain(const struct mux_path_step *first, const struct mux_path_step *step)
{
	const struct mux_path_place *a = &first->place, *b = &step->place;

	if (step == first)
		return true;
	return is_same(a->hook, b->hook) && a->legacy == b->legacy && a->priority == b->priority &&
	       is_same(a->family, b->family) && is_same(a->table, b->table) &&
	       (step->depth != 0 || is_same(a->chain, b->chain));
}

/* Adds the chain that begins with step `i`. Returns the step behind it. */
static size_t add_chain(struct sorting *sorting, size_t i, size_t end)
{
	const struct mux_path_step *steps = sorting->path->steps, *first = &steps[i];
	struct journey_chain *chain = arena_list_add(sorting->arena, &sorting->chains);
	struct journey_chain filled = {.first = first};

	sorting->rows = (struct arena_list){.size = sizeof(struct journey_row)};
	for (; i < end && is_of_chain(first, &steps[i]); i++) {
		enum journey_state state = state_of(sorting->path, &steps[i]);

		add_row(sorting, &steps[i]);
		filled.n_rules += steps[i].place.position != 0;
		if (steps[i].decides || state == JOURNEY_DIES)
			filled.state = state;
	}
	shorten_rows(sorting, &filled);
	if (chain != NULL)
		*chain = filled;
	return i;
}

/* As shorten_rows(). */
static void shorten_chains(struct sorting *sorting, struct journey_hook *hook)
{
	const struct arena_list all = sorting->chains;
	const struct journey_chain *chains = all.items;
	struct arena_list kept = {.size = sizeof(*chains)};
	struct journey_chain *gap = NULL, *chain;
	size_t i;

	for (i = 0; i < all.n; i++) {
		bool shown = i < FIRST_CHAINS || i + LAST_CHAINS >= all.n ||
			     chains[i].state != JOURNEY_PASSES;

		if (!shown && gap != NULL) {
			gap->n_chains++;
			continue;
		}
		chain = arena_list_add(sorting->arena, &kept);
		if (chain == NULL)
			return;
		*chain = shown ? chains[i] : (struct journey_chain){.n_chains = 1};
		gap = shown ? NULL : chain;
	}
	hook->chains = kept.items;
	hook->n_chains = kept.n;
}

/* --- journeys ---------------------------------------------------------------------------- */

static const char *request_name(const struct mux_path *path)
{
	return path->question.protocol == IPPROTO_TCP	? "SYN"
	       : path->question.protocol == IPPROTO_UDP ? "query"
							: "echo request";
}

/* What the client waits for. */
static const char *answer_name(const struct mux_path *path)
{
	bool refused = path->listening == MUX_NO && path->question.protocol != IPPROTO_ICMP;

	if (path->verdict == MUX_PATH_REJECT)
		return path->reject != NULL ? path->reject : "the reject's packet";
	if (path->question.protocol == IPPROTO_TCP)
		return refused && path->verdict == MUX_PATH_ACCEPT ? "RST" : "SYN/ACK";
	if (path->question.protocol == IPPROTO_UDP)
		return refused && path->verdict == MUX_PATH_ACCEPT ? "port unreachable" : "answer";
	return "echo reply";
}

static bool is_from_client(const char *packet)
{
	static const char *const names[] = {"SYN", "ACK", "first data", "query", "echo request"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], packet) == 0)
			return true;
	return false;
}

/* What a reject sends goes against what it rejects. */
static bool is_back(const struct mux_path *path, const char *packet)
{
	if (strcmp(packet, "the reject's packet") == 0)
		return path->packet == NULL || is_from_client(path->packet);
	return !is_from_client(packet);
}

static struct journey *add_journey(struct sorting *sorting, const char *packet, bool back)
{
	struct journey *journey = arena_list_add(sorting->arena, &sorting->journeys);
	size_t i;

	if (journey == NULL)
		return NULL;
	journey->packet = packet;
	journey->back = back;
	for (i = 0; i < JOURNEY_N_HOOKS; i++)
		journey->hooks[i].name = hook_names[i];
	return journey;
}

/* From `hook` on the packet is as good as dead. */
static void end_at(struct journey *journey, size_t hook, enum journey_state state)
{
	size_t i;

	journey->state = state;
	for (i = hook; i < JOURNEY_N_HOOKS; i++)
		journey->hooks[i].state = i == hook ? state : JOURNEY_NEVER;
}

/* Of all hooks the same is known. */
static void set_all(struct journey *journey, enum journey_state state)
{
	size_t i;

	journey->state = state;
	for (i = 0; i < JOURNEY_N_HOOKS; i++)
		journey->hooks[i].state = state;
}

bool journey_is_open(const struct journey *journey)
{
	return journey->hooks[JOURNEY_N_HOOKS - 1].state == JOURNEY_UNKNOWN &&
	       journey->hooks[0].state == JOURNEY_UNKNOWN;
}

static bool is_verdict_about(const struct mux_path *path, const struct journey *journey)
{
	return path->verdict != MUX_PATH_ACCEPT && path->packet != NULL &&
	       strcmp(path->packet, journey->packet) == 0;
}

/* Where does the packet end? Without a step that says so, where the verdict says. */
static void judge(const struct mux_path *path, struct journey *journey)
{
	size_t i, hook = find_hook(path->place.hook);
	size_t j;

	for (i = 0; i < JOURNEY_N_HOOKS; i++)
		for (j = 0; j < journey->hooks[i].n_chains; j++)
			if (journey->hooks[i].chains[j].state != JOURNEY_PASSES) {
				end_at(journey, i, journey->hooks[i].chains[j].state);
				return;
			}
	if (!is_verdict_about(path, journey))
		return;
	if (hook == JOURNEY_N_HOOKS)
		set_all(journey, JOURNEY_UNKNOWN);
	else
		end_at(journey, hook,
		       path->verdict == MUX_PATH_DROP || path->verdict == MUX_PATH_REJECT
			       ? JOURNEY_DIES
			       : JOURNEY_UNKNOWN);
}

/* Adds the packet that begins with step `i`. Returns the step behind it. */
static size_t sort_packet(struct sorting *sorting, size_t i)
{
	const struct mux_path *path = sorting->path;
	const char *packet = path->steps[i].packet;
	struct journey *journey = add_journey(sorting, packet, is_back(path, packet));
	size_t end = i, hook, behind;

	while (end < path->n_steps && strcmp(path->steps[end].packet, packet) == 0)
		end++;
	while (journey != NULL && i < end) {
		sorting->chains = (struct arena_list){.size = sizeof(struct journey_chain)};
		hook = find_hook(path->steps[i].place.hook);
		for (behind = i; behind < end && find_hook(path->steps[behind].place.hook) == hook;)
			behind = add_chain(sorting, behind, end);
		if (hook != JOURNEY_N_HOOKS)
			shorten_chains(sorting, &journey->hooks[hook]);
		i = behind;
	}
	if (journey != NULL)
		judge(path, journey);
	return end;
}

/* Adds what comes back when no chain has met it. */
static void add_answer(struct sorting *sorting, enum journey_state request)
{
	const struct mux_path *path = sorting->path;
	struct journey *journey = add_journey(sorting, answer_name(path), true);
	bool comes = path->result == MUX_PATH_CONNECTED || path->result == MUX_PATH_ERROR;
	/* Rules that rewrite the request without conntrack's books have it answered to nobody. */
	bool stray = request == JOURNEY_PASSES && path->result == MUX_PATH_TIMEOUT;

	if (journey == NULL)
		return;
	if (request == JOURNEY_UNKNOWN || path->result == MUX_PATH_NOT_KNOWN || stray)
		set_all(journey, JOURNEY_UNKNOWN);
	else if (request == JOURNEY_DIES && (path->verdict != MUX_PATH_REJECT || !comes))
		set_all(journey, JOURNEY_NEVER);
	else
		judge(path, journey);
}

/* Leaves out what passes behind the first two, and names it. */
static void choose(struct sorting *sorting, struct journeys *ret)
{
	struct journey *list = sorting->journeys.items;
	struct str others;
	size_t i, n = 0;

	str_init(&others, sorting->arena);
	for (i = 0; i < sorting->journeys.n; i++) {
		if (i < 2 || list[i].state != JOURNEY_PASSES) {
			list[n++] = list[i];
			continue;
		}
		str_add(&others, others.len != 0 ? ", " : "");
		str_add(&others, list[i].packet);
	}
	ret->list = list;
	ret->n = n;
	if (others.len != 0)
		ret->others = str_done(&others);
}

void journeys_find(const struct mux_path *path, struct arena *arena, struct journeys *ret)
{
	struct sorting sorting = {
		.path = path,
		.arena = arena,
		.journeys = {.size = sizeof(struct journey)},
	};
	const struct journey *first;
	struct journey *request;
	size_t i = 0;

	*ret = (struct journeys){.path = path, .others = ""};
	if (path->n_steps == 0 || strcmp(path->steps[0].packet, request_name(path)) != 0) {
		request = add_journey(&sorting, request_name(path), false);
		if (request != NULL)
			judge(path, request);
	}
	while (i < path->n_steps && !arena_failed(arena))
		i = sort_packet(&sorting, i);
	first = sorting.journeys.items;
	if (sorting.journeys.n == 1 && first != NULL)
		add_answer(&sorting, first->state);
	if (!arena_failed(arena))
		choose(&sorting, ret);
}

/* --- the outcome ------------------------------------------------------------------------- */

const char *journeys_outcome(const struct mux_path *path, enum journey_state *ret_state)
{
	static const struct {
		const char *word;
		enum journey_state state;
	} outcomes[] = {
		[MUX_PATH_ACCEPT] = {"passes", JOURNEY_PASSES},
		[MUX_PATH_DROP] = {"dropped", JOURNEY_DIES},
		[MUX_PATH_REJECT] = {"rejected", JOURNEY_DIES},
		[MUX_PATH_QUEUE] = {"queued", JOURNEY_UNKNOWN},
		[MUX_PATH_UNKNOWN] = {"not known", JOURNEY_UNKNOWN},
	};
	size_t verdict =
		(size_t)path->verdict <= MUX_PATH_UNKNOWN ? path->verdict : MUX_PATH_UNKNOWN;

	*ret_state = outcomes[verdict].state;
	if (verdict != MUX_PATH_ACCEPT || path->result == MUX_PATH_CONNECTED)
		return outcomes[verdict].word;
	*ret_state = path->result == MUX_PATH_NOT_KNOWN ? JOURNEY_UNKNOWN : JOURNEY_DIES;
	if (path->result == MUX_PATH_NOT_KNOWN)
		return "not known";
	if (path->listening == MUX_NO)
		return "nobody listens";
	return path->result == MUX_PATH_TIMEOUT ? "times out" : "fails";
}
