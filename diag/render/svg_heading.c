/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render/svg_heading.h"

#include <netinet/in.h>
#include <string.h>

#include "render/path.h"
#include "render/svg_hook.h"

enum { ROOMY = 600 }; /* all of the heading fits into one line */

/* "✕ DROPPED" on a coloured ground. Returns its width. */
static int add_badge(struct str *svg, const struct mux_path *path, int x, int y)
{
	enum journey_state state;
	const char *word = journeys_outcome(path, &state);
	char *upper = arena_copy(svg->arena, word, strlen(word)), *c;
	int width;
	struct svg_block block = {&svg_label, upper, x + 27, y + 5, ROOMY, 1};

	for (c = upper; c != NULL && *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	width = svg_text_width(&svg_label, upper != NULL ? upper : "") + 40;
	str_addf(svg, "<g class=\"mp-badge %s\">", svg_state_class(state));
	svg_add_box(svg, "mp-rule", (struct svg_box){x, y, width, 26, 13});
	svg_add_sign(svg, svg_state_sign(state), x + 15, y + 13);
	svg_add_block(svg, &block);
	str_add(svg, "</g>");
	return width;
}

static const char *endpoint_text(const struct mux_path *path, struct arena *arena)
{
	struct str text;

	str_init(&text, arena);
	path_add_endpoint(&text, &path->question);
	return str_done(&text);
}

static const char *kind_text(const struct mux_path *path, struct arena *arena)
{
	return arena_printf(arena, "%s, %s",
			    path->question.destination.family == AF_INET6 ? "IPv6" : "IPv4",
			    path->question.protocol == IPPROTO_TCP   ? "TCP"
			    : path->question.protocol == IPPROTO_UDP ? "UDP"
								     : "ping");
}

static const char *sentence(const struct mux_path *path, struct arena *arena)
{
	struct str text;

	str_init(&text, arena);
	path_add_summary(&text, path);
	str_add(&text, ".");
	if (path->assumption != NULL) {
		str_add(&text, " Assuming ");
		str_add(&text, path->assumption);
		str_add(&text, ".");
	}
	if (text.len != 0 && text.data[0] >= 'a' && text.data[0] <= 'z')
		text.data[0] = (char)(text.data[0] - 'a' + 'A');
	return str_done(&text);
}

int svg_add_heading(struct svg_part *card, const struct journeys *journeys)
{
	struct str *svg = &card->svg;
	const struct mux_path *path = journeys->path;
	const char *endpoint = endpoint_text(path, svg->arena);
	int width = card->width - 2 * SVG_CARD_PADDING, y = SVG_CARD_PADDING + 2, badge;
	struct svg_block block = {&svg_address, endpoint, SVG_CARD_PADDING + 2, y, width, 3};
	struct svg_block kind = {&svg_quiet, kind_text(path, svg->arena), 0, y + 5, width, 1};

	badge = add_badge(svg, path, SVG_CARD_PADDING, y) + 12;
	kind.x = SVG_CARD_PADDING + badge;
	if (endpoint != NULL && card->width > ROOMY) {
		block.x = SVG_CARD_PADDING + badge;
		kind.x = block.x + svg_text_width(&svg_address, endpoint) + 12;
	} else {
		block.y = y + 32;
	}
	svg_add_block(svg, &kind);
	y = svg_add_block(svg, &block);
	block = (struct svg_block){
		&svg_prose, sentence(path, svg->arena), SVG_CARD_PADDING + 2, y + 8, width - 4, 12};
	return svg_add_block(svg, &block) + 12;
}

int svg_add_footing(struct svg_part *card, const struct journeys *journeys, int y)
{
	struct svg_block block = {
		&svg_quiet, "", SVG_CARD_PADDING + 2, y, card->width - 2 * SVG_CARD_PADDING - 4, 3};

	if (journeys->others[0] == '\0')
		return y;
	block.text = arena_printf(card->svg.arena, "These pass, too: %s.", journeys->others);
	return svg_add_block(&card->svg, &block) + 4;
}
