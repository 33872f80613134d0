/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render/svg_hook.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

enum {
	PADDING = 8,
	HEADING = 30,	    /* of a hook */
	RULE_LINES = 3,	    /* of a rule that decides nothing */
	DECIDING_LINES = 8, /* of one that does */
	ROOMY = 2 * SVG_HOOK_LEAST,
	INDENT = 10,
	MOST_INDENTS = 4,
};

const char *svg_state_class(enum journey_state state)
{
	static const char *const classes[] = {
		[JOURNEY_PASSES] = "mp-pass",
		[JOURNEY_DIES] = "mp-die",
		[JOURNEY_UNKNOWN] = "mp-doubt",
		[JOURNEY_NEVER] = "mp-never",
	};

	return classes[state];
}

enum svg_sign svg_state_sign(enum journey_state state)
{
	static const enum svg_sign signs[] = {
		[JOURNEY_PASSES] = SVG_CHECK,
		[JOURNEY_DIES] = SVG_CROSS,
		[JOURNEY_UNKNOWN] = SVG_QUESTION,
		[JOURNEY_NEVER] = SVG_DASH,
	};

	return signs[state];
}

const char *svg_number(struct arena *arena, size_t number)
{
	char digits[3 * sizeof(number) + 1];
	const char *plain = arena_printf(arena, "%zu", number);
	size_t len = plain == NULL ? 0 : strlen(plain), i;
	struct str text;

	if (len == 0 || len >= sizeof(digits))
		return "";
	str_init(&text, arena);
	for (i = 0; i < len; i++)
		str_addf(&text, "%s%c", i != 0 && (len - i) % 3 == 0 ? "\u202f" : "", plain[i]);
	return str_done(&text) != NULL ? str_done(&text) : "";
}

/* --- rules ------------------------------------------------------------------------------- */

/* Where and what a row is drawn. */
struct row_frame {
	const struct journey_row *row;
	int x, y, width;
};

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* "policy", "rule 3", "more rule 3", with its handle where it has one. */
static const char *row_name(const struct mux_path_step *step, struct arena *arena)
{
	const struct mux_path_place *place = &step->place;
	const char *name;

	if (place->position == 0)
		return "policy";
	name = arena_printf(arena, "%s%srule %s", step->depth != 0 ? place->chain : "",
			    step->depth != 0 ? " " : "", svg_number(arena, place->position));
	return name != NULL ? name : "";
}

/* "accept", "DROP", "drop?" */
static const char *row_verdict(const struct journey_row *row, struct arena *arena)
{
	const char *verdict = row->step->verdict[0] != '\0' ? row->step->verdict : "goes on";
	char *text = arena_copy(arena, verdict, strlen(verdict));
	size_t i;

	if (text == NULL)
		return "";
	for (i = 0; row->state == JOURNEY_DIES && text[i] != '\0'; i++)
		text[i] = (char)toupper((unsigned char)text[i]);
	if (row->step->matches == MUX_UNKNOWN)
		return arena_printf(arena, "%s?", text);
	return text;
}

/* All of it, for who points at the row. */
static void add_row_title(struct str *svg, const struct journey_row *row)
{
	const struct mux_path_step *step = row->step;
	const struct mux_path_place *place = &step->place;

	str_add(svg, "<title>");
	svg_add(svg, place->legacy ? "legacy " : "");
	svg_add(svg, place->family);
	str_add(svg, " ");
	svg_add(svg, place->table);
	str_add(svg, " ");
	svg_add(svg, place->chain);
	if (place->position == 0)
		str_add(svg, " policy");
	else
		str_addf(svg, " rule %zu", place->position);
	if (place->handle != 0)
		str_addf(svg, ", handle %llu", (unsigned long long)place->handle);
	if (place->rule != NULL) {
		str_add(svg, ": ");
		svg_add(svg, place->rule);
	}
	if (step->why != NULL) {
		str_add(svg, " (");
		svg_add(svg, step->why);
		str_add(svg, ")");
	}
	str_add(svg, "</title>");
}

/* The lines below the first: the rule, the doubt, the counters. */
static int add_row_text(struct str *svg, const struct row_frame *frame, int y)
{
	const struct journey_row *row = frame->row;
	const struct mux_path_place *place = &row->step->place;
	size_t lines = row->state == JOURNEY_PASSES ? RULE_LINES : DECIDING_LINES;
	struct svg_block block = {
		&svg_code, place->rule, frame->x + PADDING, y, frame->width - 2 * PADDING, lines};

	if (place->position != 0) {
		if (place->rule == NULL)
			block.text = "(it cannot be shown)";
		block.y = svg_add_block(svg, &block);
	}
	block.font = &svg_prose;
	block.max_lines = RULE_LINES;
	if (row->step->matches == MUX_UNKNOWN && row->step->why != NULL) {
		block.text = arena_printf(svg->arena, "depends: %s", row->step->why);
		block.y = svg_add_block(svg, &block);
	}
	if (row->step->decides && place->has_counters) {
		block.text = arena_printf(svg->arena, "%s packet%s so far",
					  svg_number(svg->arena, (size_t)place->packets),
					  plural(place->packets));
		block.y = svg_add_block(svg, &block);
	}
	return block.y;
}

/* The verdict stands right of the name, or below where there is no room. */
static int add_row_head(struct str *svg, const struct row_frame *frame)
{
	const char *name = row_name(frame->row->step, svg->arena);
	const char *verdict = row_verdict(frame->row, svg->arena);
	int x = frame->x + PADDING + 16, width = frame->width - 2 * PADDING - 16;
	struct svg_block block = {&svg_label, name, x, frame->y + 4, width, 2};

	int room, y;

	if (verdict == NULL)
		return frame->y;
	room = width - svg_text_width(&svg_label, verdict) - PADDING;
	svg_add_sign(svg, svg_state_sign(frame->row->state), frame->x + PADDING + 5, frame->y + 12);
	if (svg_text_width(&svg_label, name) <= room) {
		y = svg_add_block(svg, &block);
		block.text = verdict;
		svg_add_right(svg, &block);
		return y;
	}
	block.y = svg_add_block(svg, &block);
	block.text = verdict;
	return svg_add_block(svg, &block);
}

static int add_step(struct str *svg, const struct row_frame *frame)
{
	struct row_frame inner = *frame;
	struct svg_part part;
	unsigned depth = frame->row->step->depth;
	int indent = (depth < MOST_INDENTS ? (int)depth : MOST_INDENTS) * INDENT;

	inner.x = inner.y = 0;
	inner.width -= indent;
	svg_part_init(&part, svg->arena, inner.width);
	part.height = add_row_text(&part.svg, &inner, add_row_head(&part.svg, &inner)) + 5;
	str_addf(svg, "<g class=\"mp-row %s\">", svg_state_class(frame->row->state));
	add_row_title(svg, frame->row);
	svg_add_box(svg, "mp-rule",
		    (struct svg_box){frame->x + indent, frame->y, inner.width, part.height, 5});
	str_addf(svg, "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\">", frame->x + indent,
		 frame->y, part.width, part.height);
	str_add(svg, str_done(&part.svg) != NULL ? str_done(&part.svg) : "");
	str_add(svg, "</svg></g>");
	return frame->y + part.height + 4;
}

static int add_row(struct str *svg, const struct row_frame *frame)
{
	const struct journey_row *row = frame->row;
	struct svg_block block = {.font = &svg_quiet,
				  .x = frame->x + PADDING,
				  .y = frame->y,
				  .width = frame->width - 2 * PADDING,
				  .max_lines = 2};

	if (row->step != NULL)
		return add_step(svg, frame);
	block.text = arena_printf(svg->arena, "+\u202f%s rule%s that %s",
				  svg_number(svg->arena, row->n_rules), plural(row->n_rules),
				  row->some_match ? "decided nothing" : "did not match");
	return svg_add_block(svg, &block) + 4;
}

/* --- chains ------------------------------------------------------------------------------ */

static int add_chain_heading(struct str *svg, const struct journey_chain *chain, int width)
{
	const struct mux_path_place *place = &chain->first->place;
	struct svg_block block = {.font = &svg_strong,
				  .x = PADDING,
				  .y = 5,
				  .width = width - 2 * PADDING,
				  .max_lines = 3};

	block.text =
		arena_printf(svg->arena, "%s %s %s", place->family, place->table, place->chain);
	block.y = svg_add_block(svg, &block);
	block.font = &svg_quiet;
	block.text =
		arena_printf(svg->arena, "priority %d%s, %s rule%s", (int)place->priority,
			     place->legacy ? ", legacy xtables" : "",
			     chain->n_rules == 0 ? "no" : svg_number(svg->arena, chain->n_rules),
			     plural(chain->n_rules));
	return svg_add_block(svg, &block) + 5;
}

static void draw_chain(const struct journey_chain *chain, int width, struct arena *arena,
		       struct svg_part *ret)
{
	struct svg_part body;
	struct row_frame frame = {.x = 4, .width = width - 8};
	size_t i;

	svg_part_init(&body, arena, width);
	frame.y = add_chain_heading(&body.svg, chain, width);
	for (i = 0; i < chain->n_rows; i++) {
		frame.row = &chain->rows[i];
		frame.y = add_row(&body.svg, &frame);
	}
	body.height = frame.y + 1;
	svg_part_init(ret, arena, width);
	ret->height = body.height;
	str_addf(&ret->svg, "<g class=\"%s\">", svg_state_class(chain->state));
	svg_add_box(&ret->svg, "mp-chain", (struct svg_box){0, 0, width, ret->height, 6});
	str_add(&ret->svg, "</g>");
	svg_part_place(ret, &body, 0, 0);
}

static void draw_left_out(const struct journey_chain *chain, int width, struct arena *arena,
			  struct svg_part *ret)
{
	struct svg_block block = {.font = &svg_quiet, .x = PADDING, .width = width - 2 * PADDING};

	svg_part_init(ret, arena, width);
	block.max_lines = 2;
	block.text = arena_printf(arena, "+\u202f%s chain%s that let it pass",
				  svg_number(arena, chain->n_chains), plural(chain->n_chains));
	ret->height = svg_add_block(&ret->svg, &block) + 4;
}

/* --- hooks ------------------------------------------------------------------------------- */

static const char *empty_text(const struct journey *journey, const struct journey_hook *hook)
{
	switch (hook->state) {
	case JOURNEY_PASSES:
		return "no rules";
	case JOURNEY_DIES:
		return "dies here";
	case JOURNEY_UNKNOWN:
		return "not known";
	case JOURNEY_NEVER:
		break;
	}
	return journey->state == JOURNEY_UNKNOWN ? "not followed" : "never reached";
}

static int add_chains(struct svg_part *part, const struct journey_hook *hook)
{
	int y = HEADING, width = part->width - 2 * PADDING;
	struct svg_part chain;
	size_t i;

	for (i = 0; i < hook->n_chains; i++) {
		if (hook->chains[i].first != NULL)
			draw_chain(&hook->chains[i], width, part->svg.arena, &chain);
		else
			draw_left_out(&hook->chains[i], width, part->svg.arena, &chain);
		svg_part_place(part, &chain, PADDING, y);
		y += chain.height + PADDING;
	}
	return y;
}

/* Below the name, or behind it where there is room. */
static int add_nothing(struct svg_part *body, const char *text)
{
	struct svg_block block = {&svg_quiet, text, 26, 24, body->width - 26, 1};

	if (body->width < ROOMY)
		return svg_add_block(&body->svg, &block) + 7;
	block.y = 9;
	block.width -= 12;
	svg_add_right(&body->svg, &block);
	return 2 * SVG_HOOK_MIDDLE;
}

/* The frame comes last into the text of the piece, but first on paper. */
static void frame_part(const char *class, struct svg_part *body, enum journey_state state,
		       struct svg_part *ret)
{
	svg_part_init(ret, body->svg.arena, body->width);
	ret->height = body->height;
	str_addf(&ret->svg, "<g class=\"%s\">", svg_state_class(state));
	svg_add_box(&ret->svg, class, (struct svg_box){0, 0, body->width, body->height, 9});
	svg_part_place(ret, body, 0, 0);
	str_add(&ret->svg, "</g>");
}

void svg_hook(const struct journey *journey, const struct journey_hook *hook, int width,
	      struct arena *arena, struct svg_part *ret)
{
	struct svg_part body;
	struct svg_block block = {&svg_label, hook->name, 26, 9, width - 26, 1};

	svg_part_init(&body, arena, width);
	svg_add_sign(&body.svg, svg_state_sign(hook->state), 15, SVG_HOOK_MIDDLE);
	svg_add_block(&body.svg, &block);
	if (hook->n_chains != 0)
		body.height = add_chains(&body, hook);
	else
		body.height = add_nothing(&body, empty_text(journey, hook));
	frame_part(hook->n_chains != 0 ? "mp-hook" : "mp-hook mp-empty", &body, hook->state, ret);
}

void svg_stop(const struct svg_stop *stop, int width, struct arena *arena, struct svg_part *ret)
{
	struct svg_part body;
	struct svg_block block = {&svg_label, stop->name, PADDING, 9, width - 2 * PADDING, 2};

	svg_part_init(&body, arena, width);
	block.y = svg_add_block(&body.svg, &block);
	block.font = &svg_prose;
	block.text = stop->text;
	block.max_lines = 4;
	body.height = svg_add_block(&body.svg, &block) + 9;
	if (body.height < stop->least_height)
		body.height = stop->least_height;
	frame_part("mp-stop", &body, stop->state, ret);
}
