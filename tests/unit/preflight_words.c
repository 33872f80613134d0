/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a printed rule has in it, and what is quoted in it and so has not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "preflight/rule_words.h"

static void test_words(void **state)
{
	static const struct {
		const char *rule;
		struct rule_words words;
	} rules[] = {
		{"", {.sets = 0}},
		{"tcp dport 8000 accept", {.sets = 0}},
		{"limit rate 3/minute accept", {.limits = true}},
		{"limit rate over 10/second drop", {.limits = true}},
		{"ct count over 100 reject with icmpx port-unreachable", {.limits = true}},
		{"not limit rate over 10/second", {.limits = true}},
		{"limit rate 1/second log prefix \"x\"", {.logs = true}},
		{"limit rate 1/second log drop", {.limits = true, .logs = true}},
		{"log prefix \"limit accept \"", {.logs = true}},
		{"log prefix limit accept", {.logs = true}},
		{"accept comment \"queue log limit\"", {.sets = 0}},
		{"jump limit", {.sets = 0}},
		{"goto log", {.sets = 0}},
		{"counter packets 3 bytes 4 queue to 0", {.queues = true}},
		{"ip saddr @limit tcp dport @__set0 drop", {.sets = 2}},
		{"-A INPUT -m limit --limit 10/sec -j ACCEPT", {.limits = true}},
		{"-A INPUT -m hashlimit --hashlimit-name x -j DROP", {.limits = true}},
		{"-A INPUT -m limit --limit 1/sec -j LOG --log-prefix \"limit ACCEPT\"",
		 {.logs = true}},
		{"-A INPUT -m comment --comment limit -j ACCEPT", {.sets = 0}},
		{"-A INPUT -p tcp -j NFQUEUE --queue-num 0", {.queues = true}},
		{"-A INPUT -j NFLOG", {.logs = true}},
		{"accept comment \"not ended", {.sets = 0}},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct rule_words words = rule_words_read(rules[i].rule);

		print_message("%s\n", rules[i].rule);
		assert_int_equal(words.limits, rules[i].words.limits);
		assert_int_equal(words.logs, rules[i].words.logs);
		assert_int_equal(words.queues, rules[i].words.queues);
		assert_int_equal(words.sets, rules[i].words.sets);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_words)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
