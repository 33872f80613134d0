/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render/json_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/render.h"

void value_set(struct json *json, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		json->failed = true;
}

static json_t *clean_text(struct json *json, const char *text)
{
	struct str clean;

	str_init(&clean, json->arena);
	render_add(&clean, text);
	return json_string(str_done(&clean));
}

void value_set_text(struct json *json, json_t *object, const char *key, const char *text)
{
	value_set(json, object, key, clean_text(json, text));
}

void value_set_text_or_null(struct json *json, json_t *object, const char *key, const char *text)
{
	if (text == NULL || text[0] == '\0')
		value_set(json, object, key, json_null());
	else
		value_set_text(json, object, key, text);
}

void value_add(struct json *json, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		json->failed = true;
}

void value_add_text(struct json *json, json_t *array, const char *text)
{
	value_add(json, array, clean_text(json, text));
}

/* json_dumps() allocates with jansson's allocator, which an application may have replaced. */
static int dump(const json_t *root, char **ret_text, size_t *ret_len)
{
	const size_t flags = JSON_INDENT(2);
	size_t len = json_dumpb(root, NULL, 0, flags);
	char *text = len != 0 ? malloc(len + 2) : NULL;

	if (text == NULL)
		return -ENOMEM;
	if (json_dumpb(root, text, len, flags) != len) {
		free(text);
		return -ENOMEM;
	}
	memcpy(text + len, "\n", 2);
	*ret_text = text;
	*ret_len = len + 1;
	return 0;
}

int value_finish(struct json *json, json_t *root, char **ret_text, size_t *ret_len)
{
	int error = -ENOMEM;

	if (root != NULL && !json->failed && !arena_failed(json->arena))
		error = dump(root, ret_text, ret_len);
	json_decref(root);
	return error;
}
