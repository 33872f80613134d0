/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the JSON formats share: values that remember running out of memory, escaped texts, and
 * the way to bytes. */
#ifndef MUX_RENDER_JSON_VALUE_H
#define MUX_RENDER_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/arena.h"

struct json {
	struct arena *arena; /* for texts on their way */
	bool failed;	     /* there was no memory for a value */
};

/* Sets a key, taking over `value`. A NULL value means that there was no memory for it. */
void value_set(struct json *json, json_t *object, const char *key, json_t *value);

/* Sets a key to a text of a report, escaped as by render_add(); NULL is an empty text. */
void value_set_text(struct json *json, json_t *object, const char *key, const char *text);

/* As value_set_text(), with null for NULL and for an empty text. */
void value_set_text_or_null(struct json *json, json_t *object, const char *key, const char *text);

/* Appends to an array, taking over `value`. */
void value_add(struct json *json, json_t *array, json_t *value);

/* As value_add() of a text. */
void value_add_text(struct json *json, json_t *array, const char *text);

/*
 * Writes the finished value, which is freed here, and a newline into a malloc'ed, NUL-terminated
 * buffer. Returns 0, or -ENOMEM, also when anything before has failed for lack of memory.
 */
int value_finish(struct json *json, json_t *root, char **ret_text, size_t *ret_len);

#endif
