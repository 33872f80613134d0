/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render/svg_card.h"

#include <netinet/in.h>
#include <string.h>

#include "render/path.h"
#include "render/svg_heading.h"
#include "render/svg_hook.h"

enum {
	PADDING = SVG_CARD_PADDING,
	LABEL = 22, /* above a lane: which packet it is */
	/* wide */
	STOP_WIDTH = 102,
	LO_WIDTH = 40,
	LANE_WIDTH = SVG_WIDE - 2 * PADDING - 2 * STOP_WIDTH,
	LEAST_GAP = 16, /* room for an arrow */
	MOST_WIDTH = 400,
	LANE_GAP = 14,
	/* narrow */
	RAIL = 20,
	STATION_X = 38,
	STATION_WIDTH = SVG_NARROW - STATION_X - PADDING,
	STATION_GAP = 9,
};

/* What a lane passes: a hook, or the interface. */
struct station {
	const struct journey_hook *hook; /* NULL = lo */
	struct svg_part part;
	enum journey_state state;
	bool arrives; /* the packet gets there */
};

struct stations {
	struct station list[JOURNEY_N_HOOKS + 1];
	size_t n, n_full; /* n_full: with chains */
	bool arrives;	  /* at the other end */
};

/* --- stations ---------------------------------------------------------------------------- */

static void find_stations(const struct journey *journey, struct stations *ret)
{
	bool open = journey_is_open(journey);
	bool alive = journey->hooks[0].state != JOURNEY_NEVER && !open;
	size_t i;

	*ret = (struct stations){.n = 0};
	for (i = 0; i < JOURNEY_N_HOOKS; i++) {
		const struct journey_hook *hook = &journey->hooks[i];

		if (i == JOURNEY_INGRESS)
			ret->list[ret->n++] = (struct station){.state = open	? JOURNEY_UNKNOWN
									: alive ? JOURNEY_PASSES
										: JOURNEY_NEVER,
							       .arrives = alive};
		if (!journey_is_common(i) && hook->n_chains == 0 &&
		    (hook->state == JOURNEY_PASSES || hook->state == JOURNEY_NEVER || open))
			continue;
		ret->list[ret->n++] =
			(struct station){.hook = hook, .state = hook->state, .arrives = alive};
		ret->n_full += hook->n_chains != 0;
		alive = alive && hook->state == JOURNEY_PASSES;
	}
	ret->arrives = alive;
}

static void draw_station(const struct journey *journey, struct station *station, int width,
			 struct arena *arena)
{
	const struct svg_stop lo = {"lo", "", station->state, 0};

	if (station->hook != NULL)
		svg_hook(journey, station->hook, width, arena, &station->part);
	else
		svg_stop(&lo, LO_WIDTH, arena, &station->part);
}

/* --- the ends ---------------------------------------------------------------------------- */

static enum journey_state request_state(const struct journeys *journeys)
{
	return journeys->n != 0 ? journeys->list[0].state : JOURNEY_NEVER;
}

static struct svg_stop client_stop(const struct journeys *journeys, struct arena *arena)
{
	const struct mux_path *path = journeys->path;
	bool tcp = path->question.protocol == IPPROTO_TCP;
	struct svg_stop stop = {.name = "client", .state = JOURNEY_DIES};
	const char *description;

	switch (path->result) {
	case MUX_PATH_CONNECTED:
		stop.text = tcp ? "connect() succeeds" : "gets its answer";
		stop.state = JOURNEY_PASSES;
		break;
	case MUX_PATH_TIMEOUT:
		stop.text = tcp ? "connect() times out" : "gets no answer";
		break;
	case MUX_PATH_ERROR:
		/* In words, which can be broken into lines; the sentence above has its name. */
		description = strerrordesc_np(path->error);
		stop.text = arena_printf(arena, "%s: %s", tcp ? "connect()" : "fails",
					 description != NULL ? description : "fails");
		break;
	case MUX_PATH_NOT_KNOWN:
		stop.text = "the outcome is not known";
		stop.state = JOURNEY_UNKNOWN;
		break;
	}
	return stop;
}

static struct svg_stop server_stop(const struct journeys *journeys)
{
	const struct mux_path *path = journeys->path;
	struct svg_stop stop = {.name = "server", .text = "the kernel answers"};

	if (path->question.protocol != IPPROTO_ICMP) {
		stop.text = path->listening == MUX_YES	? "listens"
			    : path->listening == MUX_NO ? "nobody listens"
							: "not known who listens";
		stop.state = path->listening == MUX_YES	 ? JOURNEY_PASSES
			     : path->listening == MUX_NO ? JOURNEY_DIES
							 : JOURNEY_UNKNOWN;
	}
	if (request_state(journeys) != JOURNEY_PASSES)
		stop.state = request_state(journeys) == JOURNEY_UNKNOWN ? JOURNEY_UNKNOWN
									: JOURNEY_NEVER;
	return stop;
}

/* --- what both layouts share -------------------------------------------------------------- */

/* Puts the content on its ground. */
static void finish(struct svg_part *content, int height, struct svg_part *ret)
{
	svg_part_init(ret, content->svg.arena, content->width);
	content->height = ret->height = height;
	svg_add_box(&ret->svg, "mp-card", (struct svg_box){0, 0, content->width, height, 14});
	svg_part_place(ret, content, 0, 0);
}

/* --- wide -------------------------------------------------------------------------------- */

/* From x to x + length, with its head there; backwards when length is negative. */
static void add_arrow(struct str *svg, int x, int y, int length, bool alive)
{
	str_addf(svg, "<path class=\"mp-flow %s\" d=\"M%d %dh%d\"/>",
		 alive ? "mp-pass" : "mp-never", x, y, length);
	if (alive)
		str_addf(svg, "<path class=\"mp-head\" d=\"M%d %dl%d-4.5v9z\"/>", x + length, y,
			 length > 0 ? -7 : 7);
}

/* Which packet it is, and whether it is one. */
static const char *lane_label(const struct journey *journey, struct arena *arena)
{
	if (journey->hooks[0].state == JOURNEY_NEVER)
		return arena_printf(arena, "%s, never sent", journey->packet);
	return arena_printf(arena, "%s %s%s", journey->packet, journey->back ? "back" : "there",
			    journey->back && journey_is_open(journey) ? ", perhaps" : "");
}

static void add_lane_label(struct str *svg, const struct journey *journey)
{
	struct svg_block block = {&svg_label, lane_label(journey, svg->arena), 4, 0, LANE_WIDTH - 8,
				  1};

	str_addf(svg, "<g class=\"%s\">",
		 journey->hooks[0].state == JOURNEY_NEVER ? "mp-never" : "mp-pass");
	if (journey->back)
		svg_add_right(svg, &block);
	else
		svg_add_block(svg, &block);
	str_add(svg, "</g>");
}

/* Draws them as wide as is fair. Returns how much of the lane they take. */
static int draw_stations(const struct journey *journey, struct stations *stations,
			 struct arena *arena)
{
	int n_empty = (int)(stations->n - stations->n_full) - 1, width = 0, used = 0;
	size_t i;

	if (stations->n_full != 0)
		width = (LANE_WIDTH - LO_WIDTH - (int)(stations->n + 1) * LEAST_GAP -
			 n_empty * SVG_HOOK_LEAST) /
			(int)stations->n_full;
	for (i = 0; i < stations->n; i++) {
		struct station *station = &stations->list[i];
		bool full = station->hook != NULL && station->hook->n_chains != 0;

		draw_station(journey, station,
			     !full		  ? SVG_HOOK_LEAST
			     : width < MOST_WIDTH ? width
						  : MOST_WIDTH,
			     arena);
		used += station->part.width;
	}
	return used;
}

static void draw_lane(const struct journey *journey, struct arena *arena, struct svg_part *ret)
{
	struct stations stations;
	int gap, x = 0, y = LABEL + SVG_HOOK_MIDDLE, sign = journey->back ? -1 : 1;
	int start = journey->back ? LANE_WIDTH : 0;
	size_t i;

	svg_part_init(ret, arena, LANE_WIDTH);
	find_stations(journey, &stations);
	gap = (LANE_WIDTH - draw_stations(journey, &stations, arena)) / (int)(stations.n + 1);
	add_lane_label(&ret->svg, journey);
	for (i = 0; i < stations.n; i++) {
		struct svg_part *part = &stations.list[i].part;

		add_arrow(&ret->svg, start + sign * x, y, sign * gap, stations.list[i].arrives);
		x += gap;
		svg_part_place(ret, part, journey->back ? start - x - part->width : x, LABEL);
		x += part->width;
		if (part->height > ret->height)
			ret->height = part->height;
	}
	add_arrow(&ret->svg, start + sign * x, y, sign * (LANE_WIDTH - x), stations.arrives);
	ret->height += LABEL + 1;
}

void svg_card_wide(const struct journeys *journeys, struct arena *arena, struct svg_part *ret)
{
	struct svg_stop client = client_stop(journeys, arena), server = server_stop(journeys);
	struct svg_part card, lane, stop;
	int top, y;
	size_t i;

	svg_part_init(&card, arena, SVG_WIDE);
	top = y = svg_add_heading(&card, journeys);
	for (i = 0; i < journeys->n; i++) {
		draw_lane(&journeys->list[i], arena, &lane);
		svg_part_place(&card, &lane, PADDING + STOP_WIDTH, y);
		y += lane.height + LANE_GAP;
	}
	client.least_height = server.least_height = y - LANE_GAP - top;
	svg_stop(&client, STOP_WIDTH, arena, &stop);
	svg_part_place(&card, &stop, PADDING, top);
	svg_stop(&server, STOP_WIDTH, arena, &stop);
	svg_part_place(&card, &stop, SVG_WIDE - PADDING - STOP_WIDTH, top);
	if (top + stop.height + LANE_GAP > y)
		y = top + stop.height + LANE_GAP;
	y = svg_add_footing(&card, journeys, y - 2);
	finish(&card, y + 2, ret);
}

/* --- narrow ------------------------------------------------------------------------------ */

/* The line down which the packets go. */
struct rail {
	struct svg_part *card;
	int y;	  /* of the next station */
	int from; /* of the sign before it; 0 = none */
};

static void add_stretch(struct rail *rail, int to, bool alive)
{
	struct str *svg = &rail->card->svg;

	if (rail->from == 0)
		return;
	str_addf(svg, "<path class=\"mp-flow %s\" d=\"M%d %dv%d\"/>",
		 alive ? "mp-pass" : "mp-never", RAIL, rail->from, to - rail->from);
	if (alive)
		str_addf(svg, "<path class=\"mp-head\" d=\"M%d %dl-4.5-7h9z\"/>", RAIL, to);
}

static void add_station(struct rail *rail, struct svg_part *part, enum journey_state state,
			bool arrives)
{
	struct str *svg = &rail->card->svg;
	int middle = rail->y + SVG_HOOK_MIDDLE;

	add_stretch(rail, middle - 9, arrives);
	str_addf(svg, "<circle class=\"mp-dot %s\" cx=\"%d\" cy=\"%d\" r=\"6\"/>",
		 svg_state_class(state), RAIL, middle);
	svg_part_place(rail->card, part, STATION_X, rail->y);
	rail->from = middle + 9;
	rail->y += part->height + STATION_GAP;
}

static void add_end(struct rail *rail, const struct svg_stop *stop, bool arrives)
{
	struct svg_part part;

	svg_stop(stop, STATION_WIDTH, rail->card->svg.arena, &part);
	add_station(rail, &part, stop->state, arrives);
}

static void add_journey(struct rail *rail, const struct journey *journey)
{
	struct svg_block block = {&svg_label,  journey->packet, STATION_X + 2,
				  rail->y - 2, STATION_WIDTH,	1};
	struct stations stations;
	size_t i;

	block.text = lane_label(journey, rail->card->svg.arena);
	rail->y = svg_add_block(&rail->card->svg, &block) + 5;
	find_stations(journey, &stations);
	if (journey->hooks[0].state == JOURNEY_NEVER)
		return;
	for (i = 0; i < stations.n; i++) {
		draw_station(journey, &stations.list[i], STATION_WIDTH, rail->card->svg.arena);
		add_station(rail, &stations.list[i].part, stations.list[i].state,
			    stations.list[i].arrives);
	}
}

void svg_card_narrow(const struct journeys *journeys, struct arena *arena, struct svg_part *ret)
{
	const struct svg_stop client = client_stop(journeys, arena), server = server_stop(journeys);
	const struct svg_stop start = {.name = "client", .text = "", .state = JOURNEY_PASSES};
	struct svg_part card;
	struct rail rail = {.card = &card};
	struct stations stations;
	bool at_server = false;
	size_t i;

	svg_part_init(&card, arena, SVG_NARROW);
	rail.y = svg_add_heading(&card, journeys);
	add_end(&rail, &start, true);
	for (i = 0; i < journeys->n; i++) {
		const struct journey *journey = &journeys->list[i];

		if (journey->back != at_server) {
			rail.from = 0;
			add_end(&rail, journey->back ? &server : &start, true);
		}
		add_journey(&rail, journey);
		find_stations(journey, &stations);
		add_end(&rail, journey->back ? &client : &server, stations.arrives);
		at_server = !journey->back;
	}
	rail.y = svg_add_footing(&card, journeys, rail.y);
	finish(&card, rail.y + 3, ret);
}
