/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fleet for people: how many fare how, and a table of the causes with the first few hosts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/render.h"
#include "render/summary.h"
#include "render/table.h"

/* As many as fit on a line beside the longest id. */
enum { FEW_HOSTS = 4 };

struct page {
	const struct mux_summary *summary;
	const struct mux_render_options *options;
	struct str text;
};

static void add_count(struct page *page, size_t n, const char *one, const char *several)
{
	str_addf(&page->text, "%zu %s", n, n == 1 ? one : several);
}

static void add_headline(struct page *page)
{
	static const char *const words[][2] = {
		[MUX_STATUS_OK] = {"is ok", "are ok"},
		[MUX_STATUS_WARNING] = {"works with a warning", "work with a warning"},
		[MUX_STATUS_FAILS] = {"fails", "fail"},
		[MUX_STATUS_UNKNOWN] = {"is unknown", "are unknown"},
	};
	static const enum mux_status order[] = {MUX_STATUS_FAILS, MUX_STATUS_WARNING,
						MUX_STATUS_UNKNOWN, MUX_STATUS_OK};
	const struct mux_summary *summary = page->summary;
	const char *separator = ": ";
	size_t i;

	add_count(page, summary->n_hosts, "host", "hosts");
	for (i = 0; i < 4; i++) {
		size_t n = summary->n_of_status[order[i]];

		if (n == 0)
			continue;
		str_add(&page->text, separator);
		add_count(page, n, words[order[i]][0], words[order[i]][1]);
		separator = ", ";
	}
	if (summary->n_unread != 0) {
		str_add(&page->text, "; ");
		add_count(page, summary->n_unread, "input was not read", "inputs were not read");
	}
	str_add(&page->text, "\n");
}

/* Names hosts, all of them when that is wanted. */
struct names {
	struct page *page;
	struct str text;
	size_t n;
};

static void names_add(struct names *names, const char *name)
{
	bool all = names->page->options->verbosity > 0;

	if (names->n < FEW_HOSTS || all) {
		str_add(&names->text, names->n == 0 ? "" : ", ");
		str_add_text(&names->text, name);
	} else if (names->n == FEW_HOSTS) {
		str_add(&names->text, ", …");
	}
	names->n++;
}

static void names_init(struct names *names, struct page *page)
{
	names->page = page;
	names->n = 0;
	str_init(&names->text, page->text.arena);
}

static void add_row(struct table *table, const char *first, const char *second, struct names *names)
{
	table_add(table, first);
	table_add(table, second);
	table_add(table, arena_printf(table->arena, "%zu", names->n));
	table_add(table, str_done(&names->text));
}

static void add_causes(struct page *page, struct table *table)
{
	const struct mux_summary *summary = page->summary;
	struct names names;
	size_t i, j;

	for (i = 0; i < summary->n_causes; i++) {
		const struct mux_summary_cause *cause = &summary->causes[i];

		names_init(&names, page);
		for (j = 0; j < cause->n_hosts; j++)
			names_add(&names, summary->hosts[cause->hosts[j]].name);
		add_row(table, cause->id, render_severity(cause->severity), &names);
	}
}

/* Hosts that do not fare well, but of which no cause is known, must not get lost. */
static void add_unexplained(struct page *page, struct table *table)
{
	static const enum mux_status bad[] = {MUX_STATUS_FAILS, MUX_STATUS_WARNING,
					      MUX_STATUS_UNKNOWN};
	const struct mux_summary *summary = page->summary;
	struct names names;
	size_t i, j;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		names_init(&names, page);
		for (j = 0; j < summary->n_hosts; j++)
			if (summary->hosts[j].n_causes == 0 && summary->hosts[j].status == bad[i])
				names_add(&names, summary->hosts[j].name);
		if (names.n != 0)
			add_row(table, "(no known cause)", render_status(bad[i]), &names);
	}
}

static void add_table(struct page *page)
{
	static const char *const titles[] = {"CAUSE", "SEVERITY", "HOSTS", ""};
	struct table table;
	size_t i;

	table_init(&table, page->text.arena, 4);
	for (i = 0; i < 4; i++)
		table_add(&table, titles[i]);
	add_causes(page, &table);
	add_unexplained(page, &table);
	if (table.cells.n == 4)
		return;
	str_add(&page->text, "\n");
	table_write(&table, &page->text, "");
}

/* Two machines may have one name: whose older result it is must be seen. */
static void add_older(struct page *page)
{
	const struct mux_summary *summary = page->summary;
	struct names names;
	size_t i;

	if (summary->n_older == 0)
		return;
	names_init(&names, page);
	for (i = 0; i < summary->n_hosts; i++)
		if (summary->hosts[i].n_older != 0)
			names_add(&names, summary->hosts[i].name);
	str_add(&page->text, "\n");
	add_count(page, summary->n_older, "older result", "older results");
	str_addf(&page->text,
		 " of the same host and target %s not counted (with --by-file machines of one name "
		 "are told apart): %s\n",
		 summary->n_older == 1 ? "is" : "are", str_done(&names.text));
}

static int write_text(const struct mux_summary *summary, const struct mux_render_options *options,
		      char **ret_text, size_t *ret_len)
{
	struct page page = {.summary = summary, .options = options};
	struct arena *arena = arena_new();
	char *text = NULL;

	if (arena == NULL)
		return -ENOMEM;
	str_init(&page.text, arena);
	add_headline(&page);
	if (options->verbosity >= 0) {
		add_table(&page);
		add_older(&page);
	}
	if (!arena_failed(arena))
		text = malloc(page.text.len + 1);
	if (text != NULL) {
		memcpy(text, str_done(&page.text), page.text.len + 1);
		*ret_text = text;
		*ret_len = page.text.len;
	}
	arena_free(arena);
	return text != NULL ? 0 : -ENOMEM;
}

int mux_summary_render(const struct mux_summary *summary, const struct mux_render_options *options,
		       char **ret_text, size_t *ret_len)
{
	switch (options->format) {
	case MUX_FORMAT_TEXT:
		return write_text(summary, options, ret_text, ret_len);
	case MUX_FORMAT_JSON:
		return render_summary_json(summary, ret_text, ret_len);
	default:
		return -EINVAL;
	}
}
