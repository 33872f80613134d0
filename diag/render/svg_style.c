/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Colours are custom properties, so that a page may set others; each is given plainly before, for
 * viewers that know no custom properties (librsvg). Text on its ground has a contrast of 4.5 or
 * more (WCAG 2.1, 1.4.3), light and dark; tests/unit/render_svg.c reckons that from these rules.
 */
#include "render/svg_style.h"

#include "render/svg.h"

#define LIGHT_page	   "#ffffff"
#define LIGHT_card	   "#ffffff"
#define LIGHT_edge	   "#d3d9e0"
#define LIGHT_hook	   "#f4f6f8"
#define LIGHT_chain	   "#ffffff"
#define LIGHT_ink	   "#1a1f26"
#define LIGHT_quiet	   "#566170"
#define LIGHT_pass	   "#0f6b35"
#define LIGHT_pass_ground  "#e3f5ea"
#define LIGHT_die	   "#b0171f"
#define LIGHT_die_ground   "#fde8e8"
#define LIGHT_doubt	   "#7a4b00"
#define LIGHT_doubt_ground "#fff1d0"
#define LIGHT_never	   "#626c7a"
#define LIGHT_never_edge   "#b9c1cb"

#define DARK_page	   "#0d1117"
#define DARK_card	   "#12171e"
#define DARK_edge	   "#323b46"
#define DARK_hook	   "#1a2028"
#define DARK_chain	   "#0f141a"
#define DARK_ink	   "#e6ebf1"
#define DARK_quiet	   "#a0abb8"
#define DARK_pass	   "#56d08a"
#define DARK_pass_ground   "#10301f"
#define DARK_die	   "#ff8f8a"
#define DARK_die_ground	   "#431a1c"
#define DARK_doubt	   "#f0bc4e"
#define DARK_doubt_ground  "#3a2a0a"
#define DARK_never	   "#919caa"
#define DARK_never_edge	   "#46505d"

#define SET(theme, name)   "--mp-" #name ":" theme##_##name ";"
#define PALETTE(theme)                                                                             \
	".muxpath{" SET(theme, page) SET(theme, card) SET(theme, edge) SET(theme, hook)            \
		SET(theme, chain) SET(theme, ink) SET(theme, quiet) SET(theme, pass)               \
			SET(theme, pass_ground) SET(theme, die) SET(theme, die_ground)             \
				SET(theme, doubt) SET(theme, doubt_ground) SET(theme, never)       \
					SET(theme, never_edge) "}"

#define FILL(name)   "fill:" LIGHT_##name ";fill:var(--mp-" #name ");"
#define STROKE(name) "stroke:" LIGHT_##name ";stroke:var(--mp-" #name ");"
#define SANS	     "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
#define MONO                                                                                       \
	"font-family:ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono','Liberation "        \
	"Mono',monospace;"

/* What everything in one state shares: its border, its ground, its verdict. */
#define STATE(name)                                                                                \
	".muxpath .mp-" #name ">.mp-hook,.muxpath .mp-" #name ">.mp-chain,.muxpath .mp-" #name     \
	">.mp-stop,.muxpath .mp-" #name ">.mp-rule{" STROKE(                                       \
		name) "}"                                                                          \
		      ".muxpath .mp-" #name "{--mp-state:var(--mp-" #name ")}"                     \
		      ".muxpath .mp-" #name " .mp-sign{" STROKE(                                   \
			      name) "}"                                                            \
				    ".muxpath .mp-" #name ">.mp-rule{" FILL(                       \
					    name##_ground) "}"                                     \
							   ".muxpath .mp-" #name                   \
							   ".mp-row .mp-label,.muxpath .mp-" #name \
							   ".mp-badge .mp-label{" FILL(            \
								   name) "}"                       \
									 ".muxpath "               \
									 ".mp-dot.mp-" #name       \
									 "{" FILL(name)            \
										 STROKE(name) "}"

#define SHAPES                                                                                                                                                    \
	".muxpath text{" SANS                                                                                                                                     \
	FILL(ink) "font-size:12px;white-space:pre}"                                                                                                               \
		  ".muxpath .mp-code{" MONO "}"                                                                                                                   \
		  ".muxpath .mp-bold,.muxpath .mp-label{font-weight:650}"                                                                                         \
		  ".muxpath .mp-address{" MONO "font-size:17px;font-weight:650}"                                                                                  \
		  ".muxpath .mp-quiet{" FILL(                                                                                                                     \
			  quiet) "}"                                                                                                                              \
				 ".muxpath .mp-card{" FILL(card) STROKE(                                                                                          \
					 edge) "}"                                                                                                                \
					       ".muxpath .mp-hook{" FILL(hook) STROKE(                                                                            \
						       edge) "}"                                                                                                  \
							     ".muxpath .mp-stop{" FILL(hook) STROKE(                                                              \
								     edge) "stroke-width:1.5}"                                                                    \
									   ".muxpath "                                                                            \
									   ".mp-chain{" FILL(chain) STROKE(                                                       \
										   edge) "}"                                                                      \
											 ".muxpat"                                                                \
											 "h "                                                                     \
											 ".mp-"                                                                   \
											 "rule{"                                                                  \
											 "stroke-"                                                                \
											 "width:"                                                                 \
											 "1}"                                                                     \
											 ".muxpat"                                                                \
											 "h "                                                                     \
											 ".mp-"                                                                   \
											 "sign{"                                                                  \
											 "fill:"                                                                  \
											 "none;"                                                                  \
											 "stroke-"                                                                \
											 "width:"                                                                 \
											 "2;"                                                                     \
											 "stroke-"                                                                \
											 "linecap"                                                                \
											 ":round;"                                                                \
											 "stroke-"                                                                \
											 "linejoi"                                                                \
											 "n:"                                                                     \
											 "round}"                                                                 \
											 ".muxpat"                                                                \
											 "h "                                                                     \
											 ".mp-"                                                                   \
											 "flow{"                                                                  \
											 "fill:"                                                                  \
											 "none;"                                                                  \
											 "stroke-"                                                                \
											 "width:"                                                                 \
											 "2"                                                                      \
											 ";" STROKE(                                                              \
												 pass) "}"                                                        \
												       ".muxpath .mp-flow.mp-never{stroke-dasharray:3 4;" STROKE( \
													       never_edge) "}"                                    \
															   ".muxpath .mp-head{" FILL(             \
																   pass) "}"

/* A border in the colour of its state would shout from every box that lets packets pass. */
#define STATES                                                                                               \
	STATE(pass)                                                                                          \
	STATE(die)                                                                                           \
	STATE(doubt)                                                                                         \
	".muxpath .mp-pass>.mp-hook,.muxpath .mp-pass>.mp-chain{" STROKE(                                    \
		edge) "}"                                                                                    \
		      ".muxpath .mp-pass.mp-row>.mp-rule{" FILL(hook) STROKE(                                \
			      edge) "}"                                                                      \
				    ".muxpath .mp-die>.mp-hook,.muxpath "                                    \
				    ".mp-doubt>.mp-hook{stroke-width:2}"                                     \
				    ".muxpath .mp-never .mp-sign{" STROKE(                                   \
					    never) "}"                                                       \
						   ".muxpath .mp-never>.mp-hook,.muxpath "                   \
						   ".mp-never>.mp-stop{fill:none;" STROKE(                   \
							   never_edge) "stroke-dasharray:4 4}"               \
								       ".muxpath .mp-never "                 \
								       ".mp-label,.muxpath "                 \
								       ".mp-never .mp-prose,"                \
								       ".muxpath .mp-never "                 \
								       ".mp-quiet{" FILL(                    \
									       never) "}"                    \
										      ".muxpath "            \
										      ".mp-dot."             \
										      "mp-"                  \
										      "never"                \
										      "{" FILL(card) STROKE( \
											      never) "}"     \
												     ".muxpath .mp-dot{stroke-width:2}"

#define WIDE                                                                                       \
	".muxpath{aspect-ratio:var(--mp-wide);max-width:1400px}"                                   \
	".muxpath>.mp-wide{display:inline}.muxpath>.mp-narrow{display:none}"
#define NARROW                                                                                     \
	".muxpath{aspect-ratio:var(--mp-narrow);max-width:460px}"                                  \
	".muxpath>.mp-wide{display:none}.muxpath>.mp-narrow{display:inline}"

static void add_looks(struct str *out)
{
	str_add(out, PALETTE(LIGHT) "@media (prefers-color-scheme:dark){" PALETTE(DARK) "}");
	str_add(out, ".muxpath{display:block;width:100%;height:auto;margin:0 auto}" SHAPES);
	str_add(out, STATES);
}

void svg_add_style(struct str *out)
{
	str_add(out, ".muxpath-frame{container-type:inline-size;overflow-x:auto}");
	add_looks(out);
	str_add(out, NARROW "@container (min-width:1000px){" WIDE "}");
}

void svg_add_standalone_style(struct str *out)
{
	add_looks(out);
	/* What knows no media queries gets the wide one. */
	str_add(out, WIDE ".muxpath{background:#ffffff;background:var(--mp-page)}"
			  "@media (max-width:999px){" NARROW "}");
}
