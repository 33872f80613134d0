/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record.h"

#include <errno.h>
#include <string.h>

static void add_encoded(struct str *line, struct mux_slice bytes, const char *also_bare)
{
	static const char bare[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		char c[2] = {bytes.data[i], '\0'};

		if (c[0] != '\0' && (strchr(bare, c[0]) != NULL || strchr(also_bare, c[0]) != NULL))
			str_add(line, c);
		else
			str_addf(line, "%%%02x", (unsigned char)c[0]);
	}
}

void record_add(struct str *line, const char *key, struct mux_slice value)
{
	if (line->len != 0 && line->data[line->len - 1] != '\n')
		str_add(line, " ");
	str_addf(line, "%s=", key);
	add_encoded(line, value, ".:,/[]@+");
}

void record_add_number(struct str *line, const char *key, int64_t value)
{
	if (line->len != 0 && line->data[line->len - 1] != '\n')
		str_add(line, " ");
	str_addf(line, "%s=%lld", key, (long long)value);
}

void record_end(struct str *line)
{
	str_add(line, "\n");
}

bool record_next(struct mux_slice *rest, struct mux_slice *ret_line)
{
	while (rest->len != 0) {
		const char *end = memchr(rest->data, '\n', rest->len);
		struct mux_slice line = *rest;

		if (end != NULL)
			line.len = (size_t)(end - rest->data);
		rest->data += line.len + (end != NULL);
		rest->len -= line.len + (end != NULL);
		if (line.len != 0) {
			*ret_line = line;
			return true;
		}
	}
	return false;
}

static int find_value(struct mux_slice line, const char *key, struct mux_slice *ret_value)
{
	size_t key_len = strlen(key);

	while (line.len != 0) {
		const char *end = memchr(line.data, ' ', line.len);
		size_t len = end == NULL ? line.len : (size_t)(end - line.data);

		if (len > key_len && memcmp(line.data, key, key_len) == 0 &&
		    line.data[key_len] == '=') {
			ret_value->data = line.data + key_len + 1;
			ret_value->len = len - key_len - 1;
			return 0;
		}
		line.data += len + (end != NULL);
		line.len -= len + (end != NULL);
	}
	return -ENOENT;
}

int record_decode(struct arena *arena, struct mux_slice text, struct mux_slice *ret_bytes)
{
	char *bytes;
	size_t i, len = 0;

	if (text.len == 0 || memchr(text.data, '%', text.len) == NULL) {
		*ret_bytes = text;
		return 0;
	}
	bytes = arena_alloc(arena, text.len);
	if (bytes == NULL)
		return -ENOMEM;
	for (i = 0; i < text.len; i++) {
		struct mux_slice digits = {.data = text.data + i + 1, .len = 2};
		uint64_t value;

		if (text.data[i] != '%') {
			bytes[len++] = text.data[i];
			continue;
		}
		if (text.len - i < 3 || slice_parse_u64(digits, 16, &value) != 0)
			return -EINVAL;
		bytes[len++] = (char)value;
		i += 2;
	}
	ret_bytes->data = bytes;
	ret_bytes->len = len;
	return 0;
}

int record_text(struct mux_slice line, const char *key, struct arena *arena,
		struct mux_slice *ret_value)
{
	struct mux_slice raw;
	int error = find_value(line, key, &raw);

	return error != 0 ? error : record_decode(arena, raw, ret_value);
}

int record_number(struct mux_slice line, const char *key, int64_t *ret_value)
{
	struct mux_slice raw;
	int error = find_value(line, key, &raw);

	return error != 0 ? error : slice_parse_i64(raw, ret_value);
}

const char *record_encode_name(struct arena *arena, struct mux_slice bytes)
{
	struct str name;

	str_init(&name, arena);
	add_encoded(&name, bytes, ":");
	return str_done(&name);
}
