/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer: a request in two ways at once, whole and in pieces, must be read the same; then
 * routed, answered and its content read. The first byte is the size of the pieces. Every piece is
 * a heap block of its own, so that reading too far is seen. The wire cases make a good corpus:
 * run.py --corpus DIR writes them.
 */
#include "body.h"
#include "routes.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static bool refill(struct password_source *source)
{
	static const unsigned char stream[64] = "any words will do";

	source->next = stream;
	source->end = stream + sizeof(stream);
	return true;
}

static char *copy(const uint8_t *data, size_t len)
{
	char *bytes = malloc(len == 0 ? 1 : len);

	require(bytes != NULL);
	memcpy(bytes, data, len);
	return bytes;
}

static enum http_result feed_head(struct http_head *head, const uint8_t *data, size_t size,
				  size_t step)
{
	enum http_result result = HTTP_MORE;
	size_t have = 0;

	http_head_init(head);
	while (result == HTTP_MORE && have < size) {
		char *bytes;

		have = size - have < step ? size : have + step;
		bytes = copy(data, have);
		result = http_head_feed(head, bytes, have);
		free(bytes);
	}
	return result;
}

struct body_outcome {
	enum http_result result;
	size_t used;
	int status;
};

static struct body_outcome feed_body(const struct http_head *head, const uint8_t *data, size_t size,
				     size_t step)
{
	struct body_outcome outcome = {.result = HTTP_MORE};
	struct body body;

	body_init(&body, head);
	while (outcome.result == HTTP_MORE && outcome.used < size) {
		size_t len = size - outcome.used < step ? size - outcome.used : step, used = len;
		char *bytes = copy(data + outcome.used, len);

		outcome.result = body_feed(&body, bytes, len, &used, &outcome.status);
		outcome.used += used;
		free(bytes);
	}
	return outcome;
}

static void check_body(const struct http_head *head, const uint8_t *data, size_t size, size_t step)
{
	struct body_outcome whole = feed_body(head, data, size, size);
	struct body_outcome pieces = feed_body(head, data, size, step);

	require(whole.result == pieces.result && whole.status == pieces.status);
	require(whole.result != HTTP_DONE || whole.used == pieces.used);
}

static void check_answer(const struct http_head *head, const uint8_t *data, size_t size)
{
	static const char date[] = "Thu, 01 Jan 1970 00:00:00 GMT";
	struct password_source source = {.refill = refill};
	char *bytes = copy(data, size), out[ANSWER_MAX];
	char page[] = "<!doctype html>";
	struct routes routes = {.seed = size % 2 != 0, .instance = "muxd/0 1-2\n", .check = page};
	struct answer answer = routes_answer(&routes, head, bytes);
	size_t len = answer_write(&answer, date, &source, out, sizeof(out));
	unsigned more;

	require(len <= sizeof(out) && answer.status >= 200);
	/* Not to the end: ten megabytes may be asked for. */
	for (more = 0; more < 20 && !answer_is_written(&answer); more++) {
		len = answer_write_on(&answer, &source, out, sizeof(out));
		require(len != 0 && len <= sizeof(out));
	}
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_head whole, pieces;
	enum http_result result;
	size_t step;

	if (size == 0)
		return 0;
	step = (size_t)data[0] % 64 + 1;
	data++;
	size--;
	result = feed_head(&whole, data, size, size);
	require(result == feed_head(&pieces, data, size, step));
	if (result == HTTP_BAD)
		require(whole.status == pieces.status && whole.status >= 400);
	if (result != HTTP_DONE)
		return 0;
	require(whole.len == pieces.len && whole.flags == pieces.flags);
	require(whole.method == pieces.method && whole.content_length == pieces.content_length);
	require(memcmp(&whole.path, &pieces.path, sizeof(whole.path)) == 0);
	require(memcmp(&whole.query, &pieces.query, sizeof(whole.query)) == 0);
	check_answer(&whole, data, size);
	if (http_has_body(&whole))
		check_body(&whole, data + whole.len, size - whole.len, step);
	return 0;
}
