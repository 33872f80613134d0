/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pieces of a picture: text that knows its size before it has a place. Lengths are whole units of
 * the picture, which the narrow layout shows as about a pixel each.
 */
#ifndef MUX_RENDER_SVG_PART_H
#define MUX_RENDER_SVG_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

/* A finished piece, drawn from its own upper left corner. */
struct svg_part {
	struct str svg;
	int width, height;
};

/* How a text looks: the class that has its font and colour, and how wide a column of it is. */
struct svg_font {
	const char *class;
	int column;	 /* tenths of a unit */
	int line_height; /* from one base line to the next */
	bool fixed;	 /* all characters are as wide */
};

extern const struct svg_font svg_code;	  /* rules, chains: fixed width */
extern const struct svg_font svg_strong;  /* the same in bold */
extern const struct svg_font svg_address; /* of a card's heading */
extern const struct svg_font svg_prose;	  /* sentences */
extern const struct svg_font svg_label;	  /* names of hooks, verdicts: bold */
extern const struct svg_font svg_quiet;	  /* what is of less interest */

/* A text to be set, and the room there is for it. */
struct svg_block {
	const struct svg_font *font;
	const char *text; /* hostile */
	int x, y;	  /* of the upper left corner */
	int width;
	size_t max_lines; /* behind these it ends in an ellipsis */
};

/* Starts an empty piece of that width. */
void svg_part_init(struct svg_part *part, struct arena *arena, int width);

/* Puts a piece into another at a place; what sticks out of it is cut off. */
void svg_part_place(struct svg_part *into, struct svg_part *part, int x, int y);

/* Appends hostile text as character data of XML: &, <, > and quotes as references; what XML 1.0
 * section 2.2 allows nowhere, and what render_add() escapes, is spelled out. */
void svg_add(struct str *svg, const char *text);

/* Appends a <title>, which browsers show when pointed at. */
void svg_add_title(struct str *svg, const char *text);

/* Returns how many units a line of the text takes, at most. */
int svg_text_width(const struct svg_font *font, const char *text);

/* Appends the text, broken at blanks where it can be, and wherever else it must. Returns the y
 * below it. */
int svg_add_block(struct str *svg, const struct svg_block *block);

/* As svg_add_block() of one line that ends at x + width. */
int svg_add_right(struct str *svg, const struct svg_block *block);

/* Appends a rounded rectangle of these classes. */
struct svg_box {
	int x, y, width, height, radius;
};
void svg_add_box(struct str *svg, const char *class, struct svg_box box);

/* Appends 12 units wide signs around a centre: a check mark, a cross, a question mark, a dash. */
enum svg_sign { SVG_CHECK, SVG_CROSS, SVG_QUESTION, SVG_DASH };
void svg_add_sign(struct str *svg, enum svg_sign sign, int x, int y);

#endif
