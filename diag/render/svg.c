/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both layouts of all paths in one element, and the same in words. */
#include "render/svg.h"

#include <errno.h>
#include <string.h>

#include "render/journey.h"
#include "render/path.h"
#include "render/svg_card.h"
#include "render/svg_hook.h"
#include "render/svg_style.h"

enum { CARD_GAP = 16 };

/* The cards of all paths below each other, in one of the two ways. */
struct layout {
	void (*draw)(const struct journeys *journeys, struct arena *arena, struct svg_part *ret);
	int width, margin;
	struct svg_part part;
};

/* --- in words ---------------------------------------------------------------------------- */

/* Who has no eyes for it hears it: a <desc> is read aloud. */
static void add_endpoint(struct str *words, const struct mux_path *path)
{
	path_add_endpoint(words, &path->question);
	str_addf(words, " over %s", path_protocol_word(path->question.protocol));
}

static void add_row_words(struct str *words, const struct journey_row *row)
{
	const struct mux_path_step *step = row->step;

	if (step == NULL || row->state == JOURNEY_PASSES)
		return;
	if (step->place.position == 0)
		str_add(words, ", its policy");
	else
		str_addf(words, ", rule %zu", step->place.position);
	if (step->depth != 0)
		str_addf(words, " of %s", step->place.chain);
	if (step->place.rule != NULL)
		str_addf(words, " (%s)", step->place.rule);
	str_addf(words, row->state == JOURNEY_DIES ? " says %s" : " may say %s", step->verdict);
}

static void add_hook_words(struct str *words, const struct journey_hook *hook)
{
	size_t i, j;

	str_addf(words, " %s:", hook->name);
	if (hook->state == JOURNEY_NEVER) {
		str_add(words, " never reached;");
		return;
	}
	if (hook->n_chains == 0)
		str_add(words, hook->state == JOURNEY_PASSES	? " no rules;"
			       : hook->state == JOURNEY_UNKNOWN ? " not known;"
								: " it ends here;");
	for (i = 0; i < hook->n_chains; i++) {
		const struct journey_chain *chain = &hook->chains[i];

		if (chain->first == NULL) {
			str_addf(words, " %zu chains let it pass;", chain->n_chains);
			continue;
		}
		str_addf(words, " %s %s %s at priority %d", chain->first->place.family,
			 chain->first->place.table, chain->first->place.chain,
			 (int)chain->first->place.priority);
		for (j = 0; j < chain->n_rows; j++)
			add_row_words(words, &chain->rows[j]);
		str_add(words, chain->state == JOURNEY_PASSES ? ", lets it pass;" : ";");
	}
}

static void add_words(struct str *words, const struct journeys *journeys)
{
	size_t i, j;

	add_endpoint(words, journeys->path);
	str_add(words, ": ");
	path_add_summary(words, journeys->path);
	str_add(words, ".");
	for (i = 0; i < journeys->n; i++) {
		const struct journey *journey = &journeys->list[i];

		str_addf(words, " %s %s:", journey->packet, journey->back ? "back" : "there");
		for (j = 0; j < JOURNEY_N_HOOKS; j++)
			if (journey_is_common(j) || journey->hooks[j].n_chains != 0)
				add_hook_words(words, &journey->hooks[j]);
	}
	str_add(words, " ");
}

static void add_title(struct str *out, const struct mux_path *paths, size_t n_paths)
{
	struct str title;
	enum journey_state state;
	size_t i;

	str_init(&title, out->arena);
	str_add(&title, "The way of packets to ");
	for (i = 0; i < n_paths; i++) {
		str_add(&title, i != 0 ? ", to " : "");
		add_endpoint(&title, &paths[i]);
		str_addf(&title, ": %s", journeys_outcome(&paths[i], &state));
	}
	svg_add_title(out, n_paths != 0 ? str_done(&title) : "No packets to follow");
}

static void add_description(struct str *out, const struct journeys *journeys, size_t n)
{
	struct str words;
	size_t i;

	str_init(&words, out->arena);
	for (i = 0; i < n; i++)
		add_words(&words, &journeys[i]);
	str_add(out, "<desc>");
	svg_add(out, str_done(&words));
	str_add(out, "</desc>");
}

/* --- the element ------------------------------------------------------------------------- */

static void draw_layout(const struct journeys *journeys, size_t n, struct arena *arena,
			struct layout *layout)
{
	struct svg_part card, *part = &layout->part;
	size_t i;

	svg_part_init(part, arena, layout->width + 2 * layout->margin);
	part->height = layout->margin;
	for (i = 0; i < n; i++) {
		layout->draw(&journeys[i], arena, &card);
		svg_part_place(part, &card, layout->margin, part->height);
		part->height += card.height + CARD_GAP;
	}
	part->height += layout->margin - (n != 0 ? CARD_GAP : 0);
}

static void add_layout(struct str *out, const char *class, const char *hidden,
		       struct layout *layout)
{
	const char *svg = str_done(&layout->part.svg);

	str_addf(out, "<svg class=\"%s\"%s width=\"100%%\" height=\"100%%\" viewBox=\"0 0 %d %d\">",
		 class, hidden, layout->part.width, layout->part.height);
	str_add(out, svg != NULL ? svg : "");
	str_add(out, "</svg>");
}

static void add_root(struct str *out, bool standalone, const struct layout *wide,
		     const struct layout *narrow)
{
	str_addf(out,
		 "<svg%s class=\"muxpath\" role=\"img\" width=\"%d\" height=\"%d\" "
		 "style=\"--mp-wide:%d/%d;--mp-narrow:%d/%d\">",
		 standalone ? " xmlns=\"http://www.w3.org/2000/svg\"" : "", wide->part.width,
		 wide->part.height, wide->part.width, wide->part.height, narrow->part.width,
		 narrow->part.height);
}

int svg_draw(const struct mux_path *paths, size_t n_paths, bool standalone, struct str *out)
{
	struct arena *arena = out->arena;
	struct journeys *journeys = arena_array(arena, n_paths, sizeof(*journeys));
	int margin = standalone ? 10 : 1;
	struct layout wide = {.draw = svg_card_wide, .width = SVG_WIDE, .margin = margin};
	struct layout narrow = {.draw = svg_card_narrow, .width = SVG_NARROW, .margin = margin};
	size_t i;

	if (journeys == NULL)
		return -ENOMEM;
	for (i = 0; i < n_paths; i++)
		journeys_find(&paths[i], arena, &journeys[i]);
	draw_layout(journeys, n_paths, arena, &wide);
	draw_layout(journeys, n_paths, arena, &narrow);
	add_root(out, standalone, &wide, &narrow);
	add_title(out, paths, n_paths);
	add_description(out, journeys, n_paths);
	if (standalone) {
		str_add(out, "<style>");
		svg_add_standalone_style(out);
		str_add(out, "</style>");
	}
	add_layout(out, "mp-wide", "", &wide);
	add_layout(out, "mp-narrow", " display=\"none\"", &narrow);
	str_add(out, "</svg>");
	return arena_failed(arena) ? -ENOMEM : 0;
}

int path_svg(const struct path_page *page, char **ret_text, size_t *ret_len)
{
	struct str text;
	int error;

	str_init(&text, page->arena);
	error = svg_draw(page->paths->paths, page->paths->n_paths, true, &text);
	str_add(&text, "\n");
	if (error != 0 || arena_failed(page->arena))
		return -ENOMEM;
	*ret_text = strdup(str_done(&text));
	*ret_len = text.len;
	return *ret_text != NULL ? 0 : -ENOMEM;
}
