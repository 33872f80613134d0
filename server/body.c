/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chunked-body of RFC 9112 section 7.1 as a machine of one function per expected byte:
 *
 *	chunk-size [ chunk-ext ] CRLF chunk-data CRLF … "0" … CRLF *( field-line CRLF ) CRLF
 *
 * Lines end in CRLF and nothing else: a lone LF inside an extension has been read as a line end
 * by some and not by others, which is all that request smuggling needs.
 */
#include "body.h"

#include "chars.h"

enum step {
	STEP_SIZE_FIRST, /* at least one digit */
	STEP_SIZE,
	STEP_BLANK, /* blanks after the size: only before an extension */
	STEP_EXTENSION,
	STEP_SIZE_LF,
	STEP_DATA, /* taken in bulk, not byte by byte */
	STEP_DATA_CR,
	STEP_DATA_LF,
	STEP_TRAILER, /* first byte of a trailer field, or the CR of the end */
	STEP_TRAILER_NAME,
	STEP_TRAILER_VALUE,
	STEP_TRAILER_LF,
	STEP_END_LF,
	STEP_DONE,
	STEP_FIXED, /* not chunked: `left` bytes */
};

void body_init(struct body *body, const struct http_head *head)
{
	bool chunked = (head->flags & HTTP_CHUNKED) != 0;

	*body = (struct body){
		.left = chunked ? 0 : head->content_length,
		.step = chunked ? STEP_SIZE_FIRST : STEP_FIXED,
	};
}

/* Each of these takes one byte and returns 0 or the status to refuse with. */

static int expect(struct body *body, char byte, char expected, enum step next)
{
	body->step = (uint8_t)next;
	return byte == expected ? 0 : 400;
}

static int take_size_first(struct body *body, char byte)
{
	if (!char_is(byte, CHAR_HEX))
		return 400;
	body->left = char_hex_value(byte);
	body->line_len = 1;
	body->step = STEP_SIZE;
	return 0;
}

static int take_size_end(struct body *body, char byte)
{
	if (byte == '\r')
		return expect(body, byte, '\r', STEP_SIZE_LF);
	if (byte == ';')
		return expect(body, byte, ';', STEP_EXTENSION);
	return 400;
}

static int take_size(struct body *body, char byte)
{
	if (char_is(byte, CHAR_HEX)) {
		/* Leading zeros are digits too: the line's limit bounds them. */
		body->left = body->left * 16 + char_hex_value(byte);
		if (body->left > HTTP_BODY_MAX)
			return 413;
		return 0;
	}
	if (byte == ' ' || byte == '\t') {
		body->step = STEP_BLANK;
		return 0;
	}
	return take_size_end(body, byte);
}

static int take_blank(struct body *body, char byte)
{
	if (byte == ' ' || byte == '\t')
		return 0;
	return byte == '\r' ? 400 : take_size_end(body, byte);
}

static int take_extension(struct body *body, char byte)
{
	if (byte == '\r')
		return expect(body, byte, '\r', STEP_SIZE_LF);
	return char_is(byte, CHAR_VALUE) ? 0 : 400;
}

static int take_size_lf(struct body *body, char byte)
{
	body->line_len = 0;
	body->total += (uint32_t)body->left;
	if (body->total > HTTP_BODY_MAX)
		return 413;
	return expect(body, byte, '\n', body->left == 0 ? STEP_TRAILER : STEP_DATA);
}

static int take_data_cr(struct body *body, char byte)
{
	return expect(body, byte, '\r', STEP_DATA_LF);
}

static int take_data_lf(struct body *body, char byte)
{
	return expect(body, byte, '\n', STEP_SIZE_FIRST);
}

static int take_trailer(struct body *body, char byte)
{
	if (byte == '\r')
		return expect(body, byte, '\r', STEP_END_LF);
	body->step = STEP_TRAILER_NAME;
	return char_is(byte, CHAR_TOKEN) ? 0 : 400;
}

static int take_trailer_name(struct body *body, char byte)
{
	if (byte == ':')
		return expect(body, byte, ':', STEP_TRAILER_VALUE);
	return char_is(byte, CHAR_TOKEN) ? 0 : 400;
}

static int take_trailer_value(struct body *body, char byte)
{
	if (byte == '\r')
		return expect(body, byte, '\r', STEP_TRAILER_LF);
	return char_is(byte, CHAR_VALUE) ? 0 : 400;
}

static int take_trailer_lf(struct body *body, char byte)
{
	return expect(body, byte, '\n', STEP_TRAILER);
}

static int take_end_lf(struct body *body, char byte)
{
	return expect(body, byte, '\n', STEP_DONE);
}

static int (*const takers[])(struct body *body, char byte) = {
	[STEP_SIZE_FIRST] = take_size_first,
	[STEP_SIZE] = take_size,
	[STEP_BLANK] = take_blank,
	[STEP_EXTENSION] = take_extension,
	[STEP_SIZE_LF] = take_size_lf,
	[STEP_DATA_CR] = take_data_cr,
	[STEP_DATA_LF] = take_data_lf,
	[STEP_TRAILER] = take_trailer,
	[STEP_TRAILER_NAME] = take_trailer_name,
	[STEP_TRAILER_VALUE] = take_trailer_value,
	[STEP_TRAILER_LF] = take_trailer_lf,
	[STEP_END_LF] = take_end_lf,
};

/* One byte of framing; lines that never end are refused. */
static int take_byte(struct body *body, char byte)
{
	bool trailer = body->step >= STEP_TRAILER;

	if (++body->line_len > (trailer ? BODY_TRAILERS_MAX : BODY_LINE_MAX))
		return trailer ? 431 : 400;
	return takers[body->step](body, byte);
}

/* Passes over content; returns how many of the len bytes were part of it. */
static size_t skip_data(struct body *body, size_t len)
{
	size_t used = len < body->left ? len : (size_t)body->left;

	body->left -= used;
	if (body->left == 0)
		body->step = body->step == STEP_FIXED ? STEP_DONE : STEP_DATA_CR;
	return used;
}

enum http_result body_feed(struct body *body, const char *data, size_t len, size_t *ret_used,
			   int *ret_status)
{
	size_t used = 0;

	while (used < len && body->step != STEP_DONE) {
		int status = 0;

		if (body->step == STEP_DATA || body->step == STEP_FIXED)
			used += skip_data(body, len - used);
		else
			status = take_byte(body, data[used++]);
		if (status != 0) {
			*ret_status = status;
			return HTTP_BAD;
		}
	}
	if (body->step != STEP_DONE)
		return HTTP_MORE;
	*ret_used = used;
	return HTTP_DONE;
}
