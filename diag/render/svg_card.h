/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A path as a card: what becomes of it on top, below it the ways there and back. */
#ifndef MUX_RENDER_SVG_CARD_H
#define MUX_RENDER_SVG_CARD_H

#include "render/journey.h"
#include "render/svg_part.h"

enum { SVG_WIDE = 1120, SVG_NARROW = 340 };

/* Hooks from left to right there, and from right to left back. SVG_WIDE units wide. */
void svg_card_wide(const struct journeys *journeys, struct arena *arena, struct svg_part *ret);

/* Hooks below each other on one line, there and back again. SVG_NARROW units wide. */
void svg_card_narrow(const struct journeys *journeys, struct arena *arena, struct svg_part *ret);

#endif
