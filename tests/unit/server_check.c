/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's name in the page of /check, and what the page may do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check.h"

#include <stdlib.h>
#include <string.h>

static void expect_host(const char *host, const char *shown)
{
	char *page = check_page_new(host);
	const char *place;

	assert_non_null(page);
	place = strstr(page, "data-host=\"");
	assert_non_null(place);
	place += strlen("data-host=\"");
	assert_memory_equal(place, shown, strlen(shown));
	assert_int_equal(place[strlen(shown)], '"');
	assert_string_equal(page + strlen(page) - 8, "</html>\n");
	assert_int_equal(strlen(page), strlen(check_html) - strlen("@HOST@") + strlen(shown));
	assert_null(strstr(page, "@HOST@"));
	free(page);
}

static void test_host(void **state)
{
	(void)state;
	expect_host("debian5", "debian5");
	expect_host("debian5.example.com", "debian5.example.com");
	expect_host("", "");
	expect_host("\"><script>'&'</script>",
		    "&quot;&gt;&lt;script&gt;&#39;&amp;&#39;&lt;/script&gt;");
	expect_host("a b\n\t\x7f\xc3\xa4\x01z", "a?b??????z");
	expect_host("\"\"\"\"", "&quot;&quot;&quot;&quot;");
}

/* Nothing from elsewhere, and nothing that the hashes do not name. */
static void test_self_contained(void **state)
{
	static const char *const outside[] = {
		" src=", "<link",   "<img",	 "<iframe",   "@import",
		"url(",	 " style=", " onclick=", "innerHTML", "eval("};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		assert_null(strstr(check_html, outside[i]));
	assert_non_null(strstr(check_policy, "default-src 'none'; "));
	assert_null(strstr(check_policy, "unsafe"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_self_contained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
