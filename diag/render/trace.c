/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For people: what the evaluation says and what the kernel did, side by side, hook by hook. A
 * packet that simply passes is one line; verbose has each of its hooks, and every rule that
 * matched.
 */
#include "render/trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/render.h"
#include "render/table.h"

struct page {
	const struct mux_trace_report *report;
	const struct mux_render_options *options;
	struct str *text;
};

const char *render_fate(enum mux_fate fate)
{
	static const char *const words[] = {
		[MUX_FATE_NONE] = "none",	[MUX_FATE_ACCEPTED] = "accepted",
		[MUX_FATE_DROPPED] = "dropped", [MUX_FATE_REJECTED] = "rejected",
		[MUX_FATE_QUEUED] = "queued",	[MUX_FATE_VANISHED] = "vanished",
		[MUX_FATE_UNKNOWN] = "unknown",
	};

	return fate < sizeof(words) / sizeof(words[0]) ? words[fate] : "unknown";
}

const char *render_trace_status(enum mux_trace_status status)
{
	static const char *const words[] = {
		[MUX_TRACE_ARRIVES] = "arrives",
		[MUX_TRACE_DIES] = "dies",
		[MUX_TRACE_INCOMPLETE] = "incomplete",
		[MUX_TRACE_DIFFERS] = "differs",
	};

	return status < sizeof(words) / sizeof(words[0]) ? words[status] : "unknown";
}

static const char *word_of(enum mux_fate fate)
{
	switch (fate) {
	case MUX_FATE_NONE:
		return "-";
	case MUX_FATE_ACCEPTED:
		return "passes";
	default:
		return render_fate(fate);
	}
}

static bool is_verbose(const struct page *page)
{
	return page->options->verbosity > 0;
}

static void add_headline(struct page *page)
{
	static const char *const colours[] = {
		[MUX_TRACE_ARRIVES] = "\033[1;32m",
		[MUX_TRACE_DIES] = "\033[1;31m",
		[MUX_TRACE_INCOMPLETE] = "\033[1;33m",
		[MUX_TRACE_DIFFERS] = "\033[1;31m",
	};
	size_t status = (size_t)page->report->status;
	bool colour = page->options->colour && status < sizeof(colours) / sizeof(colours[0]);

	if (colour)
		str_add(page->text, colours[status]);
	render_add(page->text, page->report->headline);
	str_add(page->text, colour ? "\033[0m\n" : "\n");
}

static bool is_plain(const struct mux_trace_hook *hook)
{
	return hook->agree == MUX_YES && hook->evaluated.fate == MUX_FATE_ACCEPTED &&
	       hook->real.fate == MUX_FATE_ACCEPTED;
}

/* The fate they all share; MUX_FATE_UNKNOWN when they do not. */
static bool is_plain_journey(const struct mux_trace_journey *journey)
{
	size_t i;

	for (i = 0; i < MUX_TRACE_HOOKS; i++)
		if (!is_plain(&journey->hooks[i]))
			return false;
	return true;
}

/* Who decides; said once where both say the same. */
static const char *why(const struct page *page, const struct mux_trace_hook *hook)
{
	const char *evaluated = hook->evaluated.text, *real = hook->real.text;
	struct str text;

	str_init(&text, page->text->arena);
	if (hook->agree == MUX_NO)
		str_add(&text, "DIFFERENT: ");
	if (hook->agree == MUX_NO && hook->difference[0] != '\0') {
		str_add(&text, hook->difference);
	} else if (evaluated[0] != '\0' && real[0] != '\0' && strcmp(evaluated, real) != 0 &&
		   hook->agree != MUX_YES) {
		str_addf(&text, "evaluated: %s; kernel: %s", evaluated, real);
	} else {
		str_add(&text, real[0] != '\0' ? real : evaluated);
	}
	return str_done(&text);
}

static void add_journey(struct page *page, struct table *table,
			const struct mux_trace_journey *journey)
{
	bool plain = is_plain_journey(journey) && !is_verbose(page);
	struct str name;
	size_t i;

	str_init(&name, page->text->arena);
	str_addf(&name, "%s (%s)", journey->name, journey->description);
	table_add(table, str_done(&name));
	table_add(table, plain ? "passes" : "");
	table_add(table, plain ? "passes" : "");
	table_add(table, "");
	for (i = 0; !plain && i < MUX_TRACE_HOOKS; i++) {
		const struct mux_trace_hook *hook = &journey->hooks[i];

		if (hook->evaluated.fate == MUX_FATE_NONE && hook->real.fate == MUX_FATE_NONE)
			continue;
		str_init(&name, page->text->arena);
		str_addf(&name, "  %s", hook->name);
		table_add(table, str_done(&name));
		table_add(table, word_of(hook->evaluated.fate));
		table_add(table, word_of(hook->real.fate));
		table_add(table, why(page, hook));
	}
}

static void add_table(struct page *page)
{
	const struct mux_trace_report *report = page->report;
	struct table table;
	size_t i;

	str_add(page->text, "\n");
	table_init(&table, page->text->arena, 4);
	table_add(&table, "");
	table_add(&table, "evaluated");
	table_add(&table, "kernel");
	table_add(&table, "");
	for (i = 0; i < report->n_journeys; i++)
		add_journey(page, &table, &report->journeys[i]);
	table_add(&table, "the sender sees");
	table_add(&table, report->evaluated_result);
	table_add(&table, report->real_result);
	table_add(&table, "");
	table_write(&table, page->text, "");
}

/* --- rules ------------------------------------------------------------------------------- */

static bool same_step(const struct mux_trace_step *a, const struct mux_trace_step *b)
{
	return a->handle == b->handle && (a->position == 0) == (b->position == 0) &&
	       strcmp(a->place, b->place) == 0;
}

/* Looks from *hint on, which is then set behind the step: both lists have most in one order. */
static bool has_step(const struct mux_trace_side *side, const struct mux_trace_step *step,
		     size_t *hint)
{
	size_t i;

	for (i = 0; i < side->n_steps; i++) {
		size_t at = (*hint + i) % side->n_steps;

		if (!same_step(&side->steps[at], step))
			continue;
		*hint = at + 1;
		return true;
	}
	return false;
}

static void add_step(struct page *page, struct table *table, const char *who,
		     const struct mux_trace_step *step)
{
	struct str place;

	str_init(&place, page->text->arena);
	str_add(&place, step->place);
	if (step->handle != 0)
		str_addf(&place, " handle %llu", (unsigned long long)step->handle);
	else if (step->position != 0)
		str_addf(&place, " %zu", step->position);
	else
		str_add(&place, " policy");
	table_add(table, who);
	table_add(table, str_done(&place));
	table_add(table, step->verdict);
	table_add(table, step->rule);
}

static void add_steps(struct page *page, const struct mux_trace_journey *journey,
		      const struct mux_trace_hook *hook)
{
	const struct mux_trace_side *evaluated = &hook->evaluated, *real = &hook->real;
	struct table table;
	size_t i, hint = 0;

	if (evaluated->n_steps + real->n_steps == 0)
		return;
	str_addf(page->text, "  %s, %s\n", journey->name, hook->name);
	table_init(&table, page->text->arena, 4);
	for (i = 0; i < evaluated->n_steps; i++) {
		const struct mux_trace_step *step = &evaluated->steps[i];

		add_step(page, &table,
			 has_step(real, step, &hint) ? "both"
			 : step->certain	     ? "evaluated"
						     : "evaluated (perhaps)",
			 step);
	}
	for (i = 0, hint = 0; i < real->n_steps; i++)
		if (!has_step(evaluated, &real->steps[i], &hint))
			add_step(page, &table, "kernel", &real->steps[i]);
	table_write(&table, page->text, "    ");
}

static void add_rules(struct page *page)
{
	const struct mux_trace_report *report = page->report;
	size_t i, hook;

	str_add(page->text, "\nRules and policies that matched (the kernel reports none of legacy "
			    "tables)\n");
	for (i = 0; i < report->n_journeys; i++)
		for (hook = 0; hook < MUX_TRACE_HOOKS; hook++)
			add_steps(page, &report->journeys[i], &report->journeys[i].hooks[hook]);
}

static void add_notes(struct page *page)
{
	size_t i;

	for (i = 0; i < page->report->n_notes; i++) {
		str_add(page->text, i == 0 ? "\n" : "");
		render_add(page->text, page->report->notes[i]);
		str_add(page->text, "\n");
	}
}

int render_trace_text(const struct mux_trace_report *report,
		      const struct mux_render_options *options, char **ret_text, size_t *ret_len)
{
	struct arena *arena = arena_new();
	struct str str;
	struct page page = {.report = report, .options = options, .text = &str};
	char *text = NULL;

	if (arena == NULL)
		return -ENOMEM;
	str_init(&str, arena);
	add_headline(&page);
	if (options->verbosity >= 0)
		add_table(&page);
	if (is_verbose(&page))
		add_rules(&page);
	if (options->verbosity >= 0)
		add_notes(&page);
	if (!arena_failed(arena))
		text = malloc(str.len + 1);
	if (text != NULL) {
		memcpy(text, str_done(&str), str.len + 1);
		*ret_text = text;
		*ret_len = str.len;
	}
	arena_free(arena);
	return text != NULL ? 0 : -ENOMEM;
}

int mux_trace_render(const struct mux_trace_report *report,
		     const struct mux_render_options *options, char **ret_text, size_t *ret_len)
{
	switch (options->format) {
	case MUX_FORMAT_TEXT:
		return render_trace_text(report, options, ret_text, ret_len);
	case MUX_FORMAT_JSON:
		return render_trace_json(report, options, ret_text, ret_len);
	default:
		return -EINVAL;
	}
}
