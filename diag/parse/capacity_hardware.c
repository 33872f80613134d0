/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the machine is built, and the server. */
#include <limits.h>
#include <string.h>

#include "base/record.h"
#include "parse/capacity.h"

static int64_t number_or(struct mux_slice line, const char *key, int64_t otherwise)
{
	int64_t number;

	return record_number(line, key, &number) == 0 ? number : otherwise;
}

/* Returns whether there is a value of that key, which is then in *ret. */
static bool has_text(struct mux_slice line, const char *key, struct arena *arena,
		     struct mux_slice *ret)
{
	return record_text(line, key, arena, ret) == 0;
}

/* --- the machine --------------------------------------------------------------------------- */

static void add_supply(struct mux_slice line, struct arena *arena, struct arena_list *list)
{
	struct mux_power_supply *supply = arena_list_add(arena, list);
	int64_t online = number_or(line, "online", -1);

	if (supply == NULL)
		return;
	record_text(line, "supply", arena, &supply->name);
	record_text(line, "type", arena, &supply->type);
	supply->online = online < 0 ? -1 : online != 0;
}

static void add_idle_state(struct mux_slice line, struct arena *arena, struct arena_list *list)
{
	struct mux_idle_state *state = arena_list_add(arena, list);

	if (state == NULL)
		return;
	if (!has_text(line, "name", arena, &state->name))
		record_text(line, "idle", arena, &state->name);
	state->latency_us = number_or(line, "latency_us", -1);
	state->disabled = number_or(line, "disabled", 0) != 0;
}

static void add_weakness(struct mux_slice line, struct arena *arena, struct arena_list *list)
{
	struct mux_weakness *weakness = arena_list_add(arena, list);

	if (weakness == NULL)
		return;
	record_text(line, "weakness", arena, &weakness->name);
	record_text(line, "text", arena, &weakness->text);
}

void parse_hardware(struct mux_slice bytes, struct arena *arena, struct mux_hardware *ret)
{
	struct arena_list supplies = {.size = sizeof(struct mux_power_supply)};
	struct arena_list states = {.size = sizeof(struct mux_idle_state)};
	struct arena_list weaknesses = {.size = sizeof(struct mux_weakness)};
	struct mux_slice line, text;

	while (record_next(&bytes, &line)) {
		if (has_text(line, "supply", arena, &text))
			add_supply(line, arena, &supplies);
		else if (has_text(line, "idle", arena, &text))
			add_idle_state(line, arena, &states);
		else if (has_text(line, "weakness", arena, &text))
			add_weakness(line, arena, &weaknesses);
		else if (has_text(line, "driver", arena, &ret->idle_driver))
			record_text(line, "governor", arena, &ret->idle_governor);
	}
	ret->supplies = supplies.items;
	ret->n_supplies = supplies.n;
	ret->idle_states = states.items;
	ret->n_idle_states = states.n;
	ret->weaknesses = weaknesses.items;
	ret->n_weaknesses = weaknesses.n;
}

/* --- the server ---------------------------------------------------------------------------- */

static bool add_word(struct mux_slice line, const char *kind, struct arena *arena,
		     struct arena_list *list)
{
	struct mux_build_word word = {.kind = {kind, strlen(kind)}}, *kept;

	if (!has_text(line, kind, arena, &word.word))
		return false;
	record_text(line, "program", arena, &word.program);
	kept = arena_list_add(arena, list);
	if (kept != NULL)
		*kept = word;
	return true;
}

void parse_build(struct mux_slice bytes, struct arena *arena, struct mux_build *ret)
{
	static const char *const kinds[] = {"library", "mapping", "folder", "argument", "variable"};
	struct arena_list words = {.size = sizeof(struct mux_build_word)};
	struct mux_slice line, text;
	int64_t number;
	size_t i;

	while (record_next(&bytes, &line)) {
		for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (add_word(line, kinds[i], arena, &words))
				break;
		if (record_number(line, "terminal", &number) == 0)
			ret->terminal = true;
		if (has_text(line, "random", arena, &text))
			ret->random = text;
		if (has_text(line, "unread", arena, &text))
			ret->unread = (int)(number_or(line, "error", 0) & INT_MAX);
	}
	ret->words = words.items;
	ret->n_words = words.n;
}
