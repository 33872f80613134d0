/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For people. The first screen answers: one sentence, the evidence, who is hit, what to use, the
 * fix. A healthy machine is one line. Verbose adds every address with its stages.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/render.h"
#include "render/table.h"

struct page {
	const struct mux_report *report;
	const struct mux_render_options *options;
	struct str *text;
};

static const char bold[] = "\033[1m", red[] = "\033[1;31m", green[] = "\033[1;32m",
		  yellow[] = "\033[1;33m", cyan[] = "\033[36m";

/* Appends text in a colour, where colours are wanted. */
static void add_coloured(struct page *page, const char *colour, const char *text)
{
	if (page->options->colour)
		str_add(page->text, colour);
	render_add(page->text, text);
	if (page->options->colour)
		str_add(page->text, "\033[0m");
}

static bool is_verbose(const struct page *page)
{
	return page->options->verbosity > 0;
}

/* What is only worth knowing stays off the first screen. */
static bool is_shown(const struct page *page, const struct mux_finding *finding)
{
	return is_verbose(page) || finding->severity > MUX_SEVERITY_INFO;
}

static void add_section(struct page *page, const char *title)
{
	str_add(page->text, "\n");
	add_coloured(page, bold, title);
	str_add(page->text, "\n");
}

static void add_line(struct page *page, const char *indent, const char *text)
{
	str_add(page->text, indent);
	render_add(page->text, text);
	str_add(page->text, "\n");
}

static void add_headline(struct page *page)
{
	static const char *const colours[] = {
		[MUX_STATUS_OK] = green,
		[MUX_STATUS_WARNING] = yellow,
		[MUX_STATUS_FAILS] = red,
		[MUX_STATUS_UNKNOWN] = yellow,
	};
	size_t status = (size_t)page->report->status;

	add_coloured(page, status < sizeof(colours) / sizeof(colours[0]) ? colours[status] : bold,
		     page->report->headline);
	str_add(page->text, "\n");
}

static void add_why(struct page *page)
{
	const struct mux_report *report = page->report;
	size_t i, j, n = 0;

	for (i = 0; i < report->n_findings; i++) {
		const struct mux_finding *finding = &report->findings[i];
		struct table table;

		if (!is_shown(page, finding))
			continue;
		if (n++ == 0)
			add_section(page, "Why");
		str_addf(page->text, "  %s", finding->inferred ? "(concluded) " : "");
		add_line(page, "", finding->title);
		table_init(&table, page->text->arena, 2);
		for (j = 0; j < finding->n_evidence; j++) {
			table_add(&table, finding->evidence[j].source);
			table_add(&table, finding->evidence[j].text);
		}
		table_write(&table, page->text, "    ");
	}
}

/* Does an earlier finding on the page hit the same clients? */
static bool is_said(const struct page *page, size_t i)
{
	const struct mux_finding *findings = page->report->findings;
	size_t j;

	for (j = 0; j < i; j++)
		if (is_shown(page, &findings[j]) && strcmp(findings[j].hit, findings[i].hit) == 0)
			return true;
	return false;
}

static void add_hit(struct page *page)
{
	size_t i, n = 0;

	for (i = 0; i < page->report->n_findings; i++) {
		const struct mux_finding *finding = &page->report->findings[i];

		if (!is_shown(page, finding) || finding->hit[0] == '\0' || is_said(page, i))
			continue;
		if (n++ == 0)
			add_section(page, "Who is hit");
		add_line(page, "  ", finding->hit);
	}
}

static void add_use(struct page *page)
{
	const struct mux_report *report = page->report;
	struct table table;
	size_t i;

	if (report->n_recommendations == 0)
		return;
	add_section(page, report->port != 0 ? "Use instead" : "Use instead, as far as can be told");
	table_init(&table, page->text->arena, 2);
	for (i = 0; i < report->n_recommendations; i++) {
		table_add(&table, report->recommendations[i].use);
		table_add(&table, report->recommendations[i].why);
	}
	table_write(&table, page->text, "  ");
}

static void add_one_fix(struct page *page, const struct mux_fix *fix)
{
	size_t i;

	str_add(page->text, "  ");
	render_add(page->text, fix->title);
	str_add(page->text, fix->n_commands != 0 ? ":\n" : "\n");
	for (i = 0; i < fix->n_commands; i++) {
		str_add(page->text, "    ");
		add_coloured(page, cyan, fix->commands[i]);
		str_add(page->text, "\n");
	}
	for (i = 0; is_verbose(page) && i < fix->n_diff; i++)
		add_line(page, "      ", fix->diff[i]);
	if (fix->proved == MUX_YES)
		add_line(page, "    then ", fix->then);
	for (i = 0; i < fix->n_lasting; i++) {
		str_add(page->text, "    to keep it: ");
		add_coloured(page, cyan, fix->lasting[i]);
		str_add(page->text, "\n");
	}
}

/* Several causes of which none is enough alone must all go before anything more works. */
static bool is_fix_shared(const struct page *page)
{
	size_t i, n = 0;

	for (i = 0; i < page->report->n_findings; i++) {
		const struct mux_finding *finding = &page->report->findings[i];

		if (finding->decisive)
			return false;
		n += finding->severity > MUX_SEVERITY_INFO && finding->n_fixes != 0;
	}
	return n > 1;
}

static void add_fixes(struct page *page)
{
	size_t i, j, n = 0;

	for (i = 0; i < page->report->n_findings; i++) {
		const struct mux_finding *finding = &page->report->findings[i];

		if (!is_shown(page, finding))
			continue;
		for (j = 0; j < finding->n_fixes; j++) {
			if (n++ == 0)
				add_section(page, is_fix_shared(page)
							  ? "Fix (one alone is not enough)"
							  : "Fix");
			add_one_fix(page, &finding->fixes[j]);
		}
	}
}

static void add_gaps(struct page *page)
{
	const struct mux_report *report = page->report;
	struct table table;
	size_t i;

	if (report->n_gaps == 0)
		return;
	add_section(page, "Not known");
	table_init(&table, page->text->arena, 2);
	for (i = 0; i < report->n_gaps; i++) {
		table_add(&table, report->gaps[i].source);
		table_add(&table, report->gaps[i].text);
	}
	table_write(&table, page->text, "  ");
}

/* Is it shown earlier, too? Several rules may be found for one cause. */
static bool is_repeated(const struct page *page, size_t finding)
{
	const struct mux_finding *findings = page->report->findings;
	size_t i;

	for (i = 0; i < finding; i++)
		if (is_shown(page, &findings[i]) &&
		    strcmp(findings[i].id, findings[finding].id) == 0)
			return true;
	return false;
}

/* Where to read on: the command with the ids of what was found. */
static void add_more(struct page *page)
{
	size_t i, n = 0;

	for (i = 0; i < page->report->n_findings; i++) {
		const struct mux_finding *finding = &page->report->findings[i];

		if (!is_shown(page, finding) || is_repeated(page, i))
			continue;
		str_add(page->text, n++ == 0 ? "\nMore: muxdiag explain " : " ");
		render_add(page->text, finding->id);
	}
	if (n != 0)
		str_add(page->text, "\n");
}

void render_page(const struct mux_report *report, const struct mux_render_options *options,
		 struct str *text)
{
	struct page page = {.report = report, .options = options, .text = text};

	add_headline(&page);
	if (options->verbosity < 0)
		return;
	if (report->status == MUX_STATUS_OK && !is_verbose(&page))
		return;
	add_why(&page);
	add_hit(&page);
	add_use(&page);
	add_fixes(&page);
	add_gaps(&page);
	add_more(&page);
	if (is_verbose(&page))
		render_details(report, text);
}

int render_text(const struct mux_report *report, const struct mux_render_options *options,
		char **ret_text, size_t *ret_len)
{
	struct arena *arena = arena_new();
	struct str page;
	char *text = NULL;

	if (arena == NULL)
		return -ENOMEM;
	str_init(&page, arena);
	render_page(report, options, &page);
	if (!arena_failed(arena))
		text = malloc(page.len + 1);
	if (text != NULL) {
		memcpy(text, str_done(&page), page.len + 1);
		*ret_text = text;
		*ret_len = page.len;
	}
	arena_free(arena);
	return text != NULL ? 0 : -ENOMEM;
}
