/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render/html_part.h"

#include <string.h>

#include "base/addr.h"
#include "render/svg_part.h"

void html_add(struct html *html, const char *markup)
{
	str_add(html->text, markup);
}

void html_add_text(struct html *html, const char *text)
{
	svg_add(html->text, text);
}

void html_add_element(struct html *html, const char *tag, const char *text)
{
	str_addf(html->text, "<%s>", tag);
	html_add_text(html, text);
	str_addf(html->text, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

void html_add_badge(struct html *html, const char *kind, const char *word)
{
	str_addf(html->text, "<span class=\"badge %s\">", kind);
	html_add_text(html, word);
	html_add(html, "</span>");
}

const char *html_kind(enum mux_answer answer)
{
	return answer == MUX_YES ? "good" : answer == MUX_NO ? "bad" : "doubt";
}

void html_begin_fold(struct html *html, const char *summary, bool open)
{
	html_add(html, open || html->unfolded ? "<details open=\"\">" : "<details>");
	html_add_element(html, "summary", summary);
}

void html_end_fold(struct html *html)
{
	html_add(html, "</details>\n");
}

void html_begin_table(struct html *html, const char *label, const char *heads)
{
	/* What scrolls must be within the keyboard's reach. */
	html_add(html, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
	html_add_text(html, label);
	html_add(html, "\"><table>\n<thead><tr>");
	while (*heads != '\0') {
		size_t len = strcspn(heads, "|");

		str_addf(html->text, "<th scope=\"col\">%.*s</th>", (int)len, heads);
		heads += len + (heads[len] == '|');
	}
	html_add(html, "</tr></thead>\n<tbody>\n");
}

void html_end_table(struct html *html)
{
	html_add(html, "</tbody></table></div>\n");
}

void html_add_address(struct html *html, const struct mux_endpoint *endpoint)
{
	char address[ADDR_TEXT_MAX];

	if (endpoint->port == 0)
		addr_format(&endpoint->address, address);
	else
		addr_format_port(&endpoint->address, endpoint->port, address);
	html_add_text(html, address);
}
