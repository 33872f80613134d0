/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For people who were not there: one page in one file, to look at, to print, to attach to a ticket.
 * The answer on top, then the packets' path as a picture, then why, and all the facts behind it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/html_part.h"
#include "render/svg.h"

static const char *status_kind(enum mux_status status)
{
	switch (status) {
	case MUX_STATUS_OK:
		return "good";
	case MUX_STATUS_FAILS:
		return "bad";
	case MUX_STATUS_WARNING:
	case MUX_STATUS_UNKNOWN:
		break;
	}
	return "doubt";
}

static const char *status_word(enum mux_status status)
{
	switch (status) {
	case MUX_STATUS_OK:
		return "Works";
	case MUX_STATUS_WARNING:
		return "Works, but";
	case MUX_STATUS_FAILS:
		return "Fails";
	case MUX_STATUS_UNKNOWN:
		break;
	}
	return "Not known";
}

/* The policy lets the page's own style in and nothing else, whatever the texts hold. */
static void add_head(struct html *html)
{
	html_add(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
		       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		       "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
		       "form-action 'none'\"/>\n"
		       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
		       "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
		       /* Else a browser asks the server for one. */
		       "<link rel=\"icon\" href=\"data:,\"/>\n<title>");
	html_add_text(html, html->report->target);
	html_add(html, ": ");
	html_add_text(html, html->report->headline);
	html_add(html, "</title>\n<style>\n");
	html_add(html, html_style);
	svg_add_style(html->text);
	html_add(html, "</style>\n</head>\n");
}

static void add_answer(struct html *html)
{
	const struct mux_report *report = html->report;

	str_addf(html->text, "<body>\n<header class=\"answer %s\">\n<p>",
		 status_kind(report->status));
	html_add_badge(html, status_kind(report->status), status_word(report->status));
	html_add(html, " <code>");
	html_add_text(html, report->target);
	html_add(html, "</code></p>\n");
	html_add_element(html, "h1", report->headline);
	html_add(html, "</header>\n<main>\n");
}

static void add_use(struct html *html)
{
	const struct mux_report *report = html->report;
	size_t i;

	if (report->n_recommendations == 0)
		return;
	html_add(html, "<section aria-labelledby=\"use\">\n<h2 id=\"use\">");
	html_add(html, report->port != 0 ? "Use instead" : "Use instead, as far as can be told");
	html_add(html, "</h2>\n<ol class=\"use\">\n");
	for (i = 0; i < report->n_recommendations; i++) {
		html_add(html, "<li>");
		html_add_element(html, "code", report->recommendations[i].use);
		html_add_element(html, "span", report->recommendations[i].why);
		html_add(html, "</li>\n");
	}
	html_add(html, "</ol>\n</section>\n");
}

static int add_path(struct html *html)
{
	const struct mux_report *report = html->report;
	int error;

	if (report->n_paths == 0)
		return 0;
	html_add(html, "<section aria-labelledby=\"path\">\n<h2 id=\"path\">The way of the packets"
		       "</h2>\n<div class=\"muxpath-frame\">");
	error = svg_draw(report->paths, report->n_paths, false, html->text);
	html_add(html, "</div>\n</section>\n");
	return error;
}

static int add_page(struct html *html)
{
	int error;

	add_head(html);
	add_answer(html);
	add_use(html);
	error = add_path(html);
	if (error != 0)
		return error;
	html_add_findings(html);
	html_add_clients(html);
	html_add_facts(html);
	html_add(html, "</body>\n</html>\n");
	return 0;
}

int render_html(const struct mux_report *report, const struct mux_render_options *options,
		char **ret_text, size_t *ret_len)
{
	struct arena *arena = arena_new();
	struct str page;
	struct html html = {.report = report, .unfolded = options->verbosity > 0, .text = &page};
	char *text = NULL;

	if (arena == NULL)
		return -ENOMEM;
	str_init(&page, arena);
	if (add_page(&html) == 0 && !arena_failed(arena))
		text = malloc(page.len + 1);
	if (text != NULL) {
		memcpy(text, str_done(&page), page.len + 1);
		*ret_text = text;
		*ret_len = page.len;
	}
	arena_free(arena);
	return text != NULL ? 0 : -ENOMEM;
}
