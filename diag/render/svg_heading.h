/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a card says in words, above and below the lanes. */
#ifndef MUX_RENDER_SVG_HEADING_H
#define MUX_RENDER_SVG_HEADING_H

#include "render/journey.h"
#include "render/svg_part.h"

enum { SVG_CARD_PADDING = 12 };

/* Appends who it is about and what becomes of it, in one line where the card has room. Returns the
 * y below. */
int svg_add_heading(struct svg_part *card, const struct journeys *journeys);

/* Appends at y what is left to say below the lanes. Returns the y below. */
int svg_add_footing(struct svg_part *card, const struct journeys *journeys, int y);

#endif
