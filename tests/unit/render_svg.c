/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths as a drawing: what is shown and how it is marked, and that it is XML whatever comes. */
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <muxdiag/path.h>

#include "../xml.h"
#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"
#include "render/svg.h"

enum { MANY = 2000 };

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	return arena == NULL;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* --- what is drawn ----------------------------------------------------------------------- */

static struct mux_path_step step_of(const char *packet, const char *hook, const char *chain)
{
	return (struct mux_path_step){
		.packet = packet,
		.place = {.hook = hook, .family = "inet", .table = "fw", .chain = chain},
		.matches = MUX_YES,
		.verdict = "accept",
	};
}

static struct mux_path_step rule_of(const char *chain, size_t position, const char *rule)
{
	struct mux_path_step step = step_of("SYN", "output", chain);

	step.place.position = position;
	step.place.rule = rule;
	return step;
}

static struct mux_path accepted(const struct mux_address *address)
{
	return (struct mux_path){
		.question = {.destination = *address,
			     .protocol = IPPROTO_TCP,
			     .destination_port = 8000},
		.verdict = MUX_PATH_ACCEPT,
		.packet = "answer",
		.result = MUX_PATH_CONNECTED,
		.listening = MUX_YES,
	};
}

/* The last step kills. */
static struct mux_path dropped(const struct mux_path_step *steps, size_t n_steps)
{
	struct mux_path path = accepted(&addr_loopback6);

	path.verdict = MUX_PATH_DROP;
	path.result = MUX_PATH_TIMEOUT;
	path.packet = steps[n_steps - 1].packet;
	path.place = steps[n_steps - 1].place;
	path.steps = steps;
	path.n_steps = n_steps;
	return path;
}

static const char *draw_some(const struct mux_path *paths, size_t n, bool standalone)
{
	struct str text;

	str_init(&text, arena);
	assert_int_equal(svg_draw(paths, n, standalone, &text), 0);
	assert_true(xml_is_well_formed(str_done(&text)));
	return str_done(&text);
}

static const char *draw(const struct mux_path *path)
{
	return draw_some(path, 1, false);
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	for (text = strstr(text, part); text != NULL; text = strstr(text + 1, part))
		n++;
	return n;
}

static void has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("not drawn: %s\nin %.6000s", part, text);
}

static void has_not(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("drawn: %s", part);
}

/* --- tests ------------------------------------------------------------------------------- */

static void test_nothing_filters(void **state)
{
	const struct mux_path path = accepted(&addr_loopback4);
	const char *text = draw(&path);

	(void)state;
	has(text, "The way of packets to 127.0.0.1:8000 over tcp: passes</title>");
	has(text, "nothing is in the way; connect() succeeds");
	has(text, ">PASSES</text>");
	has(text, ">SYN/ACK back</text>");
	/* Four hooks each way, in both layouts. */
	assert_int_equal(count(text, ">no rules</text>"), 16);
	has_not(text, "never reached");
	has_not(text, "mp-die");
	has_not(text, ">egress</text>");
}

static void test_guilty_rule(void **state)
{
	struct mux_path_step steps[] = {
		rule_of("out", 1, "udp dport 53 drop"),
		rule_of("out", 2, "jump more"),
		rule_of("more", 7, "tcp dport 8000 drop"),
	};
	struct mux_path path;
	const char *text, *guilty;

	(void)state;
	steps[0].matches = MUX_NO;
	steps[0].verdict = "";
	steps[1].verdict = "jump more";
	steps[2].verdict = "drop";
	steps[2].depth = 1;
	steps[2].decides = true;
	steps[2].place.handle = 12;
	path = dropped(steps, 3);
	text = draw(&path);
	guilty = strstr(text, "<g class=\"mp-row mp-die\">");
	assert_non_null(guilty);
	has(guilty, "<title>inet fw more rule 7, handle 12: tcp dport 8000 drop</title>");
	has(guilty, ">more rule 7</text>");
	has(guilty, ">DROP</text>");
	has(guilty, ">tcp dport 8000 drop</text>");
	has(text, "+\u202f1 rule that did not match");
	has(text, ">jump more</text>");
	assert_int_equal(count(text, "<g class=\"mp-row mp-die\">"), 2);
	/* postrouting, prerouting, input; and once more on the way back, where there is room. */
	assert_int_equal(count(text, ">never reached</text>"), 3 + 4 + 3);
	has(text, ">SYN/ACK, never sent</text>");
	has(text, "rule 7 of more (tcp dport 8000 drop) says drop; postrouting: never reached;");
}

static void test_policy(void **state)
{
	struct mux_path_step step = step_of("SYN/ACK", "input", "in");
	struct mux_path path;
	const char *text;

	(void)state;
	step.verdict = "drop";
	step.decides = true;
	step.place.has_counters = true;
	step.place.packets = 1234567;
	path = dropped(&step, 1);
	text = draw(&path);
	has(text, ">policy</text>");
	has(text, "1\u202f234\u202f567 packets so far");
	has(text, ">SYN there</text>");
	has(text, ">SYN/ACK back</text>");
	has_not(text, "never reached");
}

static void test_reject(void **state)
{
	struct mux_path_step steps[] = {
		rule_of("out", 1, "reject"),
		step_of("the reject's packet", "output", "out"),
	};
	struct mux_path path;
	const char *text;

	(void)state;
	steps[0].verdict = "reject";
	steps[0].decides = true;
	path = dropped(steps, 1);
	path.verdict = MUX_PATH_REJECT;
	path.reject = "tcp reset";
	path.result = MUX_PATH_ERROR;
	path.error = ECONNREFUSED;
	text = draw(&path);
	has(text, ">REJECTED</text>");
	has(text, ">tcp reset back</text>");
	has(text, "ECONNREFUSED");
	path.n_steps = 2;
	has(draw(&path), ">the reject&#39;s packet back</text>");
	/* It may be dropped itself. */
	steps[1].verdict = "drop";
	path.result = MUX_PATH_TIMEOUT;
	assert_int_equal(count(draw(&path), "<g class=\"mp-row mp-die\">"), 4);
}

static void test_unknown(void **state)
{
	struct mux_path_step step = rule_of("out", 1, "numgen random mod 2 0 drop");
	struct mux_path path;
	const char *text;

	(void)state;
	step.matches = MUX_UNKNOWN;
	step.why = "chance";
	step.verdict = "drop";
	step.decides = true;
	path = dropped(&step, 1);
	path.verdict = MUX_PATH_UNKNOWN;
	path.result = MUX_PATH_NOT_KNOWN;
	path.reason = "it depends on chance";
	text = draw(&path);
	has(text, "<g class=\"mp-row mp-doubt\">");
	has(text, ">depends: chance</text>");
	has(text, ">drop?</text>");
	has(text, ">not followed</text>");
	has_not(text, "mp-die");
}

static void test_unreadable(void **state)
{
	struct mux_path path = accepted(&addr_loopback6);
	const char *text;

	(void)state;
	path.verdict = MUX_PATH_UNKNOWN;
	path.packet = "SYN";
	path.result = MUX_PATH_NOT_KNOWN;
	path.reason = "nftables could not be read: EPERM";
	text = draw(&path);
	has(text, "nftables could not be read: EPERM");
	assert_int_equal(count(text, ">not known</text>"), 16);
	has(text, ">SYN/ACK back, perhaps</text>");
	has_not(text, "no rules");
}

static void test_nobody_listens(void **state)
{
	struct mux_path path = accepted(&addr_loopback6);
	const char *text;

	(void)state;
	path.listening = MUX_NO;
	path.result = MUX_PATH_ERROR;
	path.error = ECONNREFUSED;
	text = draw(&path);
	has(text, ">NOBODY LISTENS</text>");
	has(text, ">RST back</text>");
}

static void test_two_families(void **state)
{
	const struct mux_path paths[] = {accepted(&addr_loopback6), accepted(&addr_loopback4)};
	const char *text = draw_some(paths, 2, false);

	(void)state;
	has(text, "The way of packets to [::1]:8000 over tcp: passes, to 127.0.0.1:8000 over tcp: "
		  "passes");
	assert_int_equal(count(text, ">[::1]:8000</text>"), 2);
	assert_int_equal(count(text, ">127.0.0.1:8000</text>"), 2);
	assert_int_equal(count(text, ">IPv6, TCP</text>"), 2);
	draw_some(NULL, 0, true);
}

static void test_others(void **state)
{
	struct mux_path_step steps[] = {
		step_of("SYN", "input", "in"), step_of("SYN/ACK", "input", "in"),
		step_of("ACK", "input", "in"), step_of("first data", "input", "in"),
		step_of("answer", "input", "in")};
	struct mux_path path = accepted(&addr_loopback6);

	(void)state;
	path.steps = steps;
	path.n_steps = 5;
	has(draw(&path), "These pass, too: ACK, first data, answer.");
	steps[3].verdict = "drop";
	steps[3].decides = true;
	path = dropped(steps, 4);
	path.result = MUX_PATH_CONNECTED;
	has(draw(&path), ">first data there</text>");
	has(draw(&path), "These pass, too: ACK.");
}

/* Of thousands the drawing shows those that matter, and of thousands that matter a few. */
static void test_many(void **state)
{
	struct mux_path_step *steps = arena_array(arena, MANY, sizeof(*steps));
	struct mux_path path;
	size_t i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		steps[i] = rule_of("out", i + 1, "ip saddr 192.0.2.1 drop");
		steps[i].matches = MUX_NO;
	}
	steps[MANY - 1].matches = MUX_YES;
	steps[MANY - 1].verdict = "drop";
	steps[MANY - 1].decides = true;
	path = dropped(steps, MANY);
	has(draw(&path), "+\u202f1\u202f999 rules that did not match");
	for (i = 0; i < MANY - 1; i++)
		steps[i].matches = MUX_YES;
	for (i = 0; i < 30; i++)
		steps[i].place.chain = arena_printf(arena, "chain%zu", i);
	assert_true(strlen(draw(&path)) < 100000);
	has(draw(&path), "rules that decided nothing");
	has(draw(&path), " chains that let it pass");
	assert_int_equal(count(draw(&path), "<g class=\"mp-row mp-die\">"), 2);
}

static void test_hostile(void **state)
{
	static const char rule[] = "drop comment \"</text></svg><script>alert('1')</script>&amp;"
				   "]]>\x01\x1b[31m\xff\xef\xbf\xbf\xe2\x80\xae\"";
	struct mux_path_step step = rule_of("</svg>\"&", 1, rule);
	struct mux_path path;
	const char *text;

	(void)state;
	step.place.table = "\xef\xbf\xbe<";
	step.verdict = "drop";
	step.decides = true;
	path = dropped(&step, 1);
	text = draw(&path);
	has_not(text, "<script");
	has_not(text, "\x1b");
	has(text,
	    "&lt;/text&gt;&lt;/svg&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;");
	has(text, "\\x1b[31m\\xff\\u{ffff}\\u{202e}");
	/* What a program of somebody else's may leave out. */
	step.place.rule = step.place.table = step.place.family = step.place.hook = NULL;
	draw(&path);
}

static void test_long_text(void **state)
{
	char rule[3001] = "";
	struct mux_path_step step = rule_of("out", 1, rule);
	struct mux_path path;
	const char *text, *line;

	(void)state;
	memset(rule, 'x', sizeof(rule) - 1);
	rule[sizeof(rule) - 1] = '\0';
	step.verdict = "drop";
	step.decides = true;
	path = dropped(&step, 1);
	text = draw(&path);
	has(text, "x…</text>");
	has(text, "rule 1: xxx");
	for (line = strstr(text, "<text "); line != NULL; line = strstr(line + 1, "<text "))
		assert_true(strspn(strchr(line, '>') + 1, "x") < 80);
	assert_int_equal(strspn(strstr(text, "rule 1: ") + 8, "x"), 3000);
	memcpy(rule, "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字", 72);
	draw(&path);
}

static void test_standalone(void **state)
{
	const struct mux_path path = accepted(&addr_loopback6);
	const struct mux_paths paths = {&path, 1};
	const struct mux_render_options options = {.format = MUX_FORMAT_SVG};
	const char *alone = draw_some(&path, 1, true), *embedded = draw_some(&path, 1, false);
	char *text = NULL;
	size_t len = 0;

	(void)state;
	has(alone, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"muxpath\" role=\"img\"");
	has(alone, "prefers-color-scheme:dark");
	has_not(embedded, "xmlns");
	has_not(embedded, "<style");
	has_not(alone, " id=");
	has_not(alone, "url(");
	assert_int_equal(mux_paths_render(&paths, "x", &options, &text, &len), 0);
	assert_int_equal(strlen(text), len);
	assert_memory_equal(text, alone, strlen(alone));
	free(text);
}

static void test_no_memory(void **state)
{
	const struct mux_path_step step = rule_of("out", 1, "accept");
	struct mux_path path = accepted(&addr_loopback6);
	int error = -ENOMEM;
	size_t n;

	(void)state;
	path.steps = &step;
	path.n_steps = 1;
	for (n = 1; error != 0; n++) {
		struct arena *small = arena_new();
		struct str text;

		assert_non_null(small);
		arena_fail_after(small, n);
		str_init(&text, small);
		error = svg_draw(&path, 1, true, &text);
		assert_true(error == 0 || error == -ENOMEM);
		arena_free(small);
	}
	assert_true(n > 100);
}

/* --- colours ----------------------------------------------------------------------------- */

/* WCAG 2.1, relative luminance. */
static double luminance(const char *theme, const char *name)
{
	static const double weights[] = {0.2126, 0.7152, 0.0722};
	char pattern[64];
	unsigned rgb[3];
	const char *found;
	double sum = 0;
	size_t i;

	snprintf(pattern, sizeof(pattern), "--mp-%s:#", name);
	found = strstr(theme, pattern);
	assert_non_null(found);
	assert_int_equal(sscanf(found + strlen(pattern), "%2x%2x%2x", &rgb[0], &rgb[1], &rgb[2]),
			 3);
	for (i = 0; i < 3; i++) {
		double part = rgb[i] / 255.0;

		sum += weights[i] *
		       (part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4));
	}
	return sum;
}

static void test_contrast(void **state)
{
	static const struct {
		const char *text, *ground;
		double least;
	} pairs[] = {
		{"ink", "card", 4.5},	      {"ink", "hook", 4.5},
		{"ink", "chain", 4.5},	      {"ink", "die-ground", 4.5},
		{"ink", "doubt-ground", 4.5}, {"quiet", "card", 4.5},
		{"quiet", "hook", 4.5},	      {"quiet", "chain", 4.5},
		{"never", "card", 4.5},	      {"die", "die-ground", 4.5},
		{"pass", "hook", 4.5},	      {"doubt", "doubt-ground", 4.5},
		{"pass", "pass-ground", 4.5}, {"pass", "card", 3},
		{"die", "hook", 3},	      {"doubt", "hook", 3},
	};
	struct str style;
	const char *themes[2];
	size_t i, j;

	(void)state;
	str_init(&style, arena);
	svg_add_style(&style);
	themes[0] = str_done(&style);
	themes[1] = strstr(themes[0], "@media (prefers-color-scheme:dark)");
	assert_non_null(themes[1]);
	for (i = 0; i < 2; i++)
		for (j = 0; j < sizeof(pairs) / sizeof(pairs[0]); j++) {
			double a = luminance(themes[i], pairs[j].text);
			double b = luminance(themes[i], pairs[j].ground);
			double contrast = a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05);

			if (contrast < pairs[j].least)
				fail_msg("%s on %s: %.2f (%s)", pairs[j].text, pairs[j].ground,
					 contrast, i == 0 ? "light" : "dark");
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_filters), cmocka_unit_test(test_guilty_rule),
		cmocka_unit_test(test_policy),		cmocka_unit_test(test_reject),
		cmocka_unit_test(test_unknown),		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_nobody_listens),	cmocka_unit_test(test_two_families),
		cmocka_unit_test(test_others),		cmocka_unit_test(test_many),
		cmocka_unit_test(test_hostile),		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_standalone),	cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_contrast),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
