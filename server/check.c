/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"

#include <stdlib.h>
#include <string.h>

/* Where check.html wants the name: within an attribute, never within the script, which is hashed.
 */
static const char mark[] = "@HOST@";

enum { ESCAPED_MAX = 6 }; /* bytes of "&quot;" */

/* HTML, "Double-quoted attribute value state". No host name has what is not printable ASCII. */
static const char *escape(const char *c, size_t *ret_len)
{
	static const struct {
		char c;
		const char *text;
	} escapes[] = {
		{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
	size_t i;

	*ret_len = 1;
	if (*c <= ' ' || *c > '~')
		return "?";
	for (i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
		if (*c == escapes[i].c) {
			*ret_len = strlen(escapes[i].text);
			return escapes[i].text;
		}
	return c;
}

char *check_page_new(const char *host)
{
	const char *place = strstr(check_html, mark);
	const size_t before = (size_t)(place - check_html);
	char *page = malloc(strlen(check_html) + strlen(host) * ESCAPED_MAX + 1), *out;

	if (page == NULL)
		return NULL;
	memcpy(page, check_html, before);
	for (out = page + before; *host != '\0'; host++) {
		size_t len;
		const char *text = escape(host, &len);

		memcpy(out, text, len);
		out += len;
	}
	strcpy(out, place + strlen(mark));
	return page;
}
