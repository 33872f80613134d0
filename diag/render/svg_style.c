/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Colours are custom properties, so that a page may set others; each is given plainly before, for
 * viewers that know no custom properties (librsvg). Text on its ground has a contrast of 4.5 or
 * more (WCAG 2.1, 1.4.3), light and dark; tests/unit/render_svg.c reckons that from these rules.
 */
#include "render/svg_style.h"

#include <string.h>

#include "render/svg.h"

#define SANS "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
#define MONO                                                                                       \
	"font-family:ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',"                    \
	"'Liberation Mono',monospace;"
#define ROUND "stroke-width:2;stroke-linecap:round;stroke-linejoin:round"

static const struct colour {
	const char *name, *light, *dark;
} palette[] = {
	{"page", "#ffffff", "#0d1117"},		{"card", "#ffffff", "#12171e"},
	{"edge", "#d3d9e0", "#323b46"},		{"hook", "#f4f6f8", "#1a2028"},
	{"chain", "#ffffff", "#0f141a"},	{"ink", "#1a1f26", "#e6ebf1"},
	{"quiet", "#566170", "#a0abb8"},	{"pass", "#0f6b35", "#56d08a"},
	{"pass-ground", "#e3f5ea", "#10301f"},	{"die", "#b0171f", "#ff8f8a"},
	{"die-ground", "#fde8e8", "#431a1c"},	{"doubt", "#7a4b00", "#f0bc4e"},
	{"doubt-ground", "#fff1d0", "#3a2a0a"}, {"never", "#626c7a", "#919caa"},
	{"never-edge", "#b9c1cb", "#46505d"},
};

/* Of equals the last one counts. */
static const struct rule {
	const char *selectors;	   /* parted by commas; each is meant below .muxpath */
	const char *fill, *stroke; /* names of colours, "none", or NULL */
	const char *rest;
} rules[] = {
	{"text", "ink", NULL, SANS "font-size:12px;white-space:pre"},
	{".mp-code", NULL, NULL, MONO},
	{".mp-bold,.mp-label", NULL, NULL, "font-weight:650"},
	{".mp-address", NULL, NULL, MONO "font-size:17px;font-weight:650"},
	{".mp-quiet", "quiet", NULL, ""},
	/* boxes */
	{".mp-card", "card", "edge", ""},
	{".mp-hook,.mp-stop", "hook", "edge", ""},
	{".mp-chain", "chain", "edge", ""},
	{".mp-rule", "hook", "edge", ""},
	{".mp-pass>.mp-stop", NULL, "pass", "stroke-width:1.5"},
	{".mp-die>.mp-stop", NULL, "die", "stroke-width:1.5"},
	{".mp-doubt>.mp-stop", NULL, "doubt", "stroke-width:1.5"},
	{".mp-die>.mp-hook", NULL, "die", "stroke-width:2"},
	{".mp-doubt>.mp-hook", NULL, "doubt", "stroke-width:2"},
	{".mp-never>.mp-hook,.mp-never>.mp-stop", "none", "never-edge", "stroke-dasharray:4 4"},
	{".mp-die>.mp-chain", NULL, "die", ""},
	{".mp-doubt>.mp-chain", NULL, "doubt", ""},
	{".mp-die>.mp-rule", "die-ground", "die", ""},
	{".mp-doubt>.mp-rule", "doubt-ground", "doubt", ""},
	{".mp-badge.mp-pass>.mp-rule", "pass-ground", "pass", ""},
	/* words in the colour of their state */
	{".mp-row.mp-pass .mp-label,.mp-badge.mp-pass .mp-label", "pass", NULL, ""},
	{".mp-row.mp-die .mp-label,.mp-badge.mp-die .mp-label", "die", NULL, ""},
	{".mp-row.mp-doubt .mp-label,.mp-badge.mp-doubt .mp-label", "doubt", NULL, ""},
	{".mp-never .mp-label,.mp-never .mp-prose,.mp-never .mp-quiet", "never", NULL, ""},
	/* signs */
	{".mp-check", "none", "pass", ROUND},
	{".mp-cross", "none", "die", ROUND},
	{".mp-question", "none", "doubt", ROUND},
	{".mp-dash", "none", "never", ROUND},
	/* the way */
	{".mp-flow", "none", "pass", "stroke-width:2"},
	{".mp-flow.mp-never", NULL, "never-edge", "stroke-dasharray:3 4"},
	{".mp-head", "pass", NULL, ""},
	{".mp-dot.mp-pass", "pass", "pass", "stroke-width:2"},
	{".mp-dot.mp-die", "die", "die", "stroke-width:2"},
	{".mp-dot.mp-doubt", "doubt", "doubt", "stroke-width:2"},
	{".mp-dot.mp-never", "card", "never", "stroke-width:2"},
};

static const char wide[] = ".muxpath{aspect-ratio:var(--mp-wide);max-width:1400px}"
			   ".muxpath>.mp-wide{display:inline}.muxpath>.mp-narrow{display:none}";
static const char narrow[] = ".muxpath{aspect-ratio:var(--mp-narrow);max-width:460px}"
			     ".muxpath>.mp-wide{display:none}.muxpath>.mp-narrow{display:inline}";

static const char *find_light(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(palette) / sizeof(palette[0]); i++)
		if (strcmp(palette[i].name, name) == 0)
			return palette[i].light;
	return NULL;
}

static void add_colour(struct str *out, const char *property, const char *name)
{
	const char *light = name != NULL ? find_light(name) : NULL;

	if (light != NULL)
		str_addf(out, "%s:%s;%s:var(--mp-%s);", property, light, property, name);
	else if (name != NULL)
		str_addf(out, "%s:%s;", property, name);
}

static void add_rule(struct str *out, const struct rule *rule)
{
	const char *at = rule->selectors;
	size_t len;

	for (; *at != '\0'; at += len + (at[len] == ',')) {
		len = strcspn(at, ",");
		str_addf(out, "%s.muxpath %.*s", at != rule->selectors ? "," : "", (int)len, at);
	}
	str_add(out, "{");
	add_colour(out, "fill", rule->fill);
	add_colour(out, "stroke", rule->stroke);
	str_addf(out, "%s}", rule->rest);
}

static void add_palette(struct str *out, bool dark)
{
	size_t i;

	str_add(out, ".muxpath{");
	for (i = 0; i < sizeof(palette) / sizeof(palette[0]); i++)
		str_addf(out, "--mp-%s:%s;", palette[i].name,
			 dark ? palette[i].dark : palette[i].light);
	str_add(out, "}");
}

static void add_looks(struct str *out)
{
	size_t i;

	add_palette(out, false);
	str_add(out, "@media (prefers-color-scheme:dark){");
	add_palette(out, true);
	str_add(out, "}.muxpath{display:block;width:100%;height:auto;margin:0 auto}");
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		add_rule(out, &rules[i]);
}

void svg_add_style(struct str *out)
{
	str_add(out, ".muxpath-frame{container-type:inline-size;overflow-x:auto}");
	add_looks(out);
	str_addf(out, "%s@container (min-width:1000px){%s}", narrow, wide);
}

void svg_add_standalone_style(struct str *out)
{
	add_looks(out);
	/* What knows no media queries gets the wide one. */
	str_addf(out,
		 "%s.muxpath{background:#ffffff;background:var(--mp-page)}"
		 "@media (max-width:999px){%s}",
		 wide, narrow);
}
