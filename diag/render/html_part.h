/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of an HTML report share. The page is well-formed XML, too, so that a parser can
 * hold every report against that; it has no script and refers to nothing outside itself.
 */
#ifndef MUX_RENDER_HTML_PART_H
#define MUX_RENDER_HTML_PART_H

#include "render/render.h"

struct html {
	const struct mux_report *report;
	bool unfolded; /* everything that can be folded begins open */
	struct str *text;
};

/* Appends markup. */
void html_add(struct html *html, const char *markup);

/* Appends text of a report, as content or as an attribute's value in double quotes. */
void html_add_text(struct html *html, const char *text);

/* Appends <tag>text</tag>; `tag` may bring attributes: `td class="quiet"`. */
void html_add_element(struct html *html, const char *tag, const char *text);

/* Appends a word with a sign and a colour for it: `kind` is "good", "bad", "doubt" or "quiet". */
void html_add_badge(struct html *html, const char *kind, const char *word);

/* The kind of badge that an answer has. */
const char *html_kind(enum mux_answer answer);

/* Opens what can be folded, with that summary; open at once if wanted. html_end_fold() closes. */
void html_begin_fold(struct html *html, const char *summary, bool open);
void html_end_fold(struct html *html);

/* Opens a table that scrolls in a box of its own, with a name for those who cannot see it, and its
 * column heads, separated by '|'. html_end_table() closes. */
void html_begin_table(struct html *html, const char *label, const char *heads);
void html_end_table(struct html *html);

/* Appends an address, with the port when it has one. */
void html_add_address(struct html *html, const struct mux_endpoint *endpoint);

/* --- the parts --------------------------------------------------------------------------- */

/* The rules of the page's style, without a <style> element. */
extern const char html_style[];

/* Why it fails and how to mend it, a block for each finding. */
void html_add_findings(struct html *html);

/* Who fares how: the clients. */
void html_add_clients(struct html *html);

/* Names, addresses and what they passed; what is not known; the machine. */
void html_add_facts(struct html *html);

#endif
