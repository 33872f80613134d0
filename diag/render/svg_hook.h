/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One station of a packet's way as a box. */
#ifndef MUX_RENDER_SVG_HOOK_H
#define MUX_RENDER_SVG_HOOK_H

#include "render/journey.h"
#include "render/svg_part.h"

enum {
	SVG_HOOK_MIDDLE = 17, /* from the top of a box to where a packet enters it */
	SVG_HOOK_LEAST = 118, /* width of a hook without chains */
};

/* A place without rules: the client, the interface, the server. */
struct svg_stop {
	const char *name;
	const char *text; /* may be hostile; "" = none */
	enum journey_state state;
	int least_height;
};

/* Draws the hook with its chains, into a piece of that width. */
void svg_hook(const struct journey *journey, const struct journey_hook *hook, int width,
	      struct arena *arena, struct svg_part *ret);

/* Draws a stop. */
void svg_stop(const struct svg_stop *stop, int width, struct arena *arena, struct svg_part *ret);

/* Returns the class that colours something in that state, and the sign that says the same. */
const char *svg_state_class(enum journey_state state);
enum svg_sign svg_state_sign(enum journey_state state);

/* Returns a number with thin spaces between thousands: "1 998"; in the arena, "" without memory. */
const char *svg_number(struct arena *arena, size_t number);

#endif
