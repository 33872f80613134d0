/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page's looks. Every text has a contrast of 4.5 or more on its ground (WCAG 2.1, 1.4.3), dark
 * and light; what a colour says is also said by a word and a sign. Nothing is wider than the
 * window but tables and commands, which scroll in boxes of their own.
 */
#include "render/html_part.h"

#define THEME(ground, card, edge, ink, quiet, link, good, good_ground, bad, bad_ground, doubt,     \
	      doubt_ground)                                                                        \
	"--ground:" ground ";--card:" card ";--edge:" edge ";--ink:" ink ";--quiet:" quiet         \
	";--link:" link ";--good:" good ";--good-ground:" good_ground ";--bad:" bad                \
	";--bad-ground:" bad_ground ";--doubt:" doubt ";--doubt-ground:" doubt_ground ";"

#define LIGHT                                                                                      \
	THEME("#ffffff", "#f4f6f8", "#d3d9e0", "#1a1f26", "#566170", "#0b57b0", "#0f6b35",         \
	      "#e3f5ea", "#b0171f", "#fde8e8", "#7a4b00", "#fff1d0")
#define DARK                                                                                       \
	THEME("#0d1117", "#1a2028", "#323b46", "#e6ebf1", "#a0abb8", "#78b4ff", "#56d08a",         \
	      "#10301f", "#ff8f8a", "#431a1c", "#f0bc4e", "#3a2a0a")

const char html_style[] =
	":root{color-scheme:light dark;" LIGHT "}\n"
	"@media (prefers-color-scheme:dark){:root{" DARK "}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;max-width:76rem;padding:1rem;background:var(--ground);color:var(--ink);"
	"font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
	"overflow-wrap:anywhere}\n"
	"h1{font-size:1.6rem;line-height:1.25;margin:.25rem 0 0;text-wrap:balance}\n"
	"h2{font-size:1.2rem;margin:2rem 0 .75rem}\n"
	"h3{font-size:1.05rem;margin:0}\n"
	"h4{font-size:1rem;margin:0 0 .5rem}\n"
	"p{margin:.5rem 0}\n"
	"code,pre{font-family:ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans "
	"Mono',monospace;font-size:.9em}\n"
	"pre{margin:.5rem 0;padding:.75rem;background:var(--ground);border:1px solid var(--edge);"
	"border-radius:.4rem;overflow-x:auto;overflow-wrap:normal}\n"
	"pre code{font-size:.9rem}\n"
	".answer{padding:1.25rem 1.5rem;border-radius:.75rem;border:1px solid;"
	"border-left-width:.5rem}\n"
	".answer p{margin:0}\n"
	".answer.good{background:var(--good-ground);border-color:var(--good)}\n"
	".answer.bad{background:var(--bad-ground);border-color:var(--bad)}\n"
	".answer.doubt{background:var(--doubt-ground);border-color:var(--doubt)}\n"
	".badge{display:inline-block;padding:0 .55em;border-radius:1em;border:1px solid;"
	"font-size:.85em;font-weight:600;white-space:nowrap}\n"
	".badge.good{color:var(--good);background:var(--good-ground)}\n"
	".badge.bad{color:var(--bad);background:var(--bad-ground)}\n"
	".badge.doubt{color:var(--doubt);background:var(--doubt-ground)}\n"
	".badge.quiet{color:var(--quiet);background:var(--ground)}\n"
	".badge.good::before{content:'\\2713\\a0'}\n"
	".badge.bad::before{content:'\\2715\\a0'}\n"
	".badge.doubt::before{content:'?\\a0'}\n"
	".use{list-style:none;margin:0;padding:0;display:grid;gap:.5rem}\n"
	".use li{padding:.6rem .9rem;background:var(--card);border:1px solid var(--edge);"
	"border-radius:.5rem;display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline}\n"
	".use code{font-size:1.05rem;font-weight:600;color:var(--link);user-select:all}\n"
	".use span{color:var(--quiet)}\n"
	".use li:first-child{border-color:var(--good);border-width:2px}\n"
	".finding{padding:1rem 1.25rem;margin:0 0 1rem;background:var(--card);"
	"border:1px solid var(--edge);border-left:.35rem solid var(--quiet);border-radius:.5rem}\n"
	".finding.bad{border-left-color:var(--bad)}\n"
	".finding.doubt{border-left-color:var(--doubt)}\n"
	".marks code{color:var(--quiet)}\n"
	".fix{margin:.75rem 0 0;padding:.75rem 0 0;border-top:1px solid var(--edge)}\n"
	"details{margin:.5rem 0}\n"
	"summary{cursor:pointer;color:var(--link);font-weight:600;padding:.2rem 0}\n"
	":focus-visible{outline:2px solid var(--link);outline-offset:2px}\n"
	".evidence{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;"
	"gap:.25rem 1rem;margin:.5rem 0}\n"
	".evidence dt{font-family:ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans "
	"Mono',monospace;font-size:.9rem;color:var(--quiet);max-width:26rem}\n"
	".evidence dd{margin:0}\n"
	".scroll{overflow-x:auto;border:1px solid var(--edge);border-radius:.5rem;margin:.5rem 0}\n"
	"table{border-collapse:collapse;width:100%;font-size:.95rem}\n"
	"th,td{text-align:left;vertical-align:baseline;padding:.4rem .75rem;"
	"border-top:1px solid var(--edge);overflow-wrap:normal}\n"
	"thead th{border-top:0;background:var(--card);white-space:nowrap}\n"
	"tbody th{font-weight:600}\n"
	"footer{margin-top:2.5rem;padding-top:.5rem;border-top:1px solid var(--edge);"
	"color:var(--quiet);font-size:.9rem}\n"
	"@media (max-width:40rem){body{padding:.75rem}.answer{padding:1rem}h1{font-size:1.3rem}"
	".finding{padding:.75rem}.evidence{display:block}.evidence dd{margin:0 0 .5rem}}\n"
	"@media print{body{max-width:none}.scroll,pre{overflow:visible;white-space:pre-wrap}"
	".finding{break-inside:avoid}}\n";
