/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A preflight for people: the answer, what the check of the target found, then what is wrong with
 * the machine for this load, worst first, each with what to expect and how to mend it.
 */
#include "render/preflight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/render.h"
#include "render/table.h"

struct page {
	const struct mux_preflight *preflight;
	const struct mux_render_options *options;
	struct str *text;
};

static const char bold[] = "\033[1m", red[] = "\033[1;31m", green[] = "\033[1;32m",
		  yellow[] = "\033[1;33m", cyan[] = "\033[36m";

const char *render_fitness(enum mux_fitness fitness)
{
	static const char *const words[] = {
		[MUX_FIT_OK] = "ok",	       [MUX_FIT_INFO] = "info",
		[MUX_FIT_UNKNOWN] = "unknown", [MUX_FIT_WARNING] = "warning",
		[MUX_FIT_FAIL] = "fail",
	};

	return (size_t)fitness < sizeof(words) / sizeof(words[0]) ? words[fitness] : "unknown";
}

static const char *colour_of(enum mux_fitness fitness)
{
	return fitness == MUX_FIT_FAIL ? red : fitness == MUX_FIT_WARNING ? yellow : bold;
}

static void add_coloured(struct page *page, const char *colour, const char *text)
{
	if (page->options->colour)
		str_add(page->text, colour);
	render_add(page->text, text);
	if (page->options->colour)
		str_add(page->text, "\033[0m");
}

static void add_row(struct page *page, const char *label, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	str_addf(page->text, "    %-7s ", label);
	render_add(page->text, text);
	str_add(page->text, "\n");
}

static void add_fix(struct page *page, const struct mux_fix *fix)
{
	size_t i;

	add_row(page, "mend", fix->title);
	for (i = 0; i < fix->n_commands; i++) {
		str_add(page->text, "              ");
		add_coloured(page, cyan, fix->commands[i]);
		str_add(page->text, "\n");
	}
}

static void add_finding(struct page *page, const struct mux_fitness_finding *finding)
{
	size_t i;

	str_add(page->text, "\n  ");
	add_coloured(page, colour_of(finding->fitness), render_fitness(finding->fitness));
	str_add(page->text, "  ");
	render_add(page->text, finding->id);
	str_add(page->text, ": ");
	render_add(page->text, finding->title);
	str_add(page->text, "\n");
	add_row(page, "expect", finding->prediction);
	for (i = 0; i < finding->n_evidence; i++) {
		str_addf(page->text, "    %-7s ", "read");
		render_add(page->text, finding->evidence[i].source);
		str_add(page->text, ": ");
		render_add(page->text, finding->evidence[i].text);
		str_add(page->text, "\n");
	}
	add_row(page, "wanted", finding->threshold);
	for (i = 0; i < finding->n_fixes; i++)
		add_fix(page, &finding->fixes[i]);
}

/* What the check says about the target itself comes first: nothing else matters without it. */
static void add_check(struct page *page)
{
	const struct mux_report *check = page->preflight->check;
	size_t i, j;

	for (i = 0; i < check->n_findings; i++) {
		const struct mux_finding *finding = &check->findings[i];

		if (finding->severity <= MUX_SEVERITY_INFO && page->options->verbosity <= 0)
			continue;
		str_add(page->text, "\n  ");
		add_coloured(page, finding->severity == MUX_SEVERITY_CRITICAL ? red : yellow,
			     render_severity(finding->severity));
		str_add(page->text, "  ");
		render_add(page->text, finding->id);
		str_add(page->text, ": ");
		render_add(page->text, finding->title);
		str_add(page->text, "\n");
		add_row(page, "hits", finding->hit);
		for (j = 0; j < finding->n_fixes; j++)
			add_fix(page, &finding->fixes[j]);
	}
}

static bool is_shown(const struct page *page, const struct mux_fitness_finding *finding)
{
	return page->options->verbosity > 0 || finding->fitness > MUX_FIT_UNKNOWN;
}

/* In a line each: what could not be read need not hide what could. */
static void add_unknown(struct page *page, const struct mux_fitness_finding *findings, size_t n)
{
	size_t i, n_unknown = 0;
	struct table table;

	if (page->options->verbosity > 0)
		return;
	table_init(&table, page->text->arena, 2);
	for (i = 0; i < n; i++) {
		if (findings[i].fitness != MUX_FIT_UNKNOWN)
			continue;
		n_unknown++;
		table_add(&table, findings[i].title);
		table_add(&table, findings[i].n_evidence != 0 ? findings[i].evidence[0].text : "");
	}
	if (n_unknown == 0)
		return;
	str_add(page->text, "\n");
	add_coloured(page, bold, "Not known");
	str_add(page->text, "\n");
	table_write(&table, page->text, "  ");
}

static void add_headline(struct page *page, enum mux_status status, const char *headline)
{
	add_coloured(page,
		     status == MUX_STATUS_OK	  ? green
		     : status == MUX_STATUS_FAILS ? red
						  : yellow,
		     headline);
	str_add(page->text, "\n");
}

static void add_findings(struct page *page, const struct mux_fitness_finding *findings, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (is_shown(page, &findings[i]))
			add_finding(page, &findings[i]);
	add_unknown(page, findings, n);
}

static void add_run(struct page *page)
{
	const struct mux_preflight_run *run = page->preflight->run;

	add_headline(page, run->status, run->headline);
	if (page->options->verbosity >= 0)
		add_findings(page, run->findings, run->n_findings);
}

static void add_page(struct page *page)
{
	const struct mux_preflight *preflight = page->preflight;

	add_headline(page, preflight->status, preflight->headline);
	if (page->options->verbosity >= 0) {
		add_check(page);
		add_findings(page, preflight->findings, preflight->n_findings);
	}
	if (preflight->run != NULL) {
		str_add(page->text, "\n");
		add_run(page);
	}
}

static int write_page(const struct mux_preflight *preflight,
		      const struct mux_render_options *options, void (*add)(struct page *page),
		      char **ret_text, size_t *ret_len)
{
	struct arena *arena = arena_new();
	struct page page = {.preflight = preflight, .options = options};
	struct str text;
	char *copy = NULL;

	if (arena == NULL)
		return -ENOMEM;
	str_init(&text, arena);
	page.text = &text;
	add(&page);
	if (!arena_failed(arena))
		copy = malloc(text.len + 1);
	if (copy != NULL) {
		memcpy(copy, str_done(&text), text.len + 1);
		*ret_text = copy;
		*ret_len = text.len;
	}
	arena_free(arena);
	return copy != NULL ? 0 : -ENOMEM;
}

int mux_preflight_render_run(const struct mux_preflight *preflight,
			     const struct mux_render_options *options, char **ret_text,
			     size_t *ret_len)
{
	return preflight->run == NULL ? -EINVAL
				      : write_page(preflight, options, add_run, ret_text, ret_len);
}

int mux_preflight_render(const struct mux_preflight *preflight,
			 const struct mux_render_options *options, char **ret_text, size_t *ret_len)
{
	switch (options->format) {
	case MUX_FORMAT_TEXT:
		return write_page(preflight, options, add_page, ret_text, ret_len);
	case MUX_FORMAT_JSON:
		return render_preflight_json(preflight, ret_text, ret_len);
	default:
		return -EINVAL;
	}
}
