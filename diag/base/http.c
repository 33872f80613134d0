/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/http.h"

#include <string.h>

#include "base/slice.h"

size_t http_head_len(struct mux_slice bytes)
{
	const char *end = bytes.len == 0 ? NULL : memmem(bytes.data, bytes.len, "\r\n\r\n", 4);

	return end == NULL ? 0 : (size_t)(end - bytes.data) + 4;
}

/* RFC 9112 section 4: "HTTP/1.1 200 ", the reason may be missing. */
int http_status(struct mux_slice head)
{
	static const size_t at = sizeof("HTTP/1.1 ") - 1;
	struct mux_slice digits = {.len = 3};
	uint64_t status;

	if (head.len < at + 3 || !slice_starts_with(head, "HTTP/1.") || head.data[at - 1] != ' ')
		return 0;
	digits.data = head.data + at;
	if (slice_parse_u64(digits, 10, &status) != 0 || status < 100 || status > 599)
		return 0;
	return (int)status;
}

static struct mux_slice next_line(struct mux_slice *rest)
{
	const char *end = rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);
	struct mux_slice line = *rest;

	if (rest->len == 0)
		return line;
	if (end != NULL)
		line.len = (size_t)(end - line.data);
	rest->data += line.len + (end != NULL);
	rest->len -= line.len + (end != NULL);
	return line;
}

struct mux_slice http_field(struct mux_slice head, const char *name)
{
	struct mux_slice rest = head, line, found = {0};

	next_line(&rest);
	while (rest.len != 0 && found.data == NULL) {
		const char *colon;
		struct mux_slice key;

		line = next_line(&rest);
		colon = line.len == 0 ? NULL : memchr(line.data, ':', line.len);
		if (colon == NULL)
			continue;
		key = (struct mux_slice){line.data, (size_t)(colon - line.data)};
		if (!slice_equal_nocase(key, slice_of(name)))
			continue;
		found.data = colon + 1;
		found.len = line.len - key.len - 1;
	}
	return slice_trim(found);
}

bool http_field_has(struct mux_slice head, const char *name, const char *word)
{
	struct mux_slice rest = http_field(head, name);

	while (rest.len != 0) {
		const char *comma = memchr(rest.data, ',', rest.len);
		struct mux_slice item = rest;

		if (comma != NULL)
			item.len = (size_t)(comma - rest.data);
		rest.data += item.len + (comma != NULL);
		rest.len -= item.len + (comma != NULL);
		if (slice_equal_nocase(slice_trim(item), slice_of(word)))
			return true;
	}
	return false;
}
