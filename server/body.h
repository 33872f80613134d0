/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The content of a request, read only to find its end: no endpoint wants any. Pure and
 * incremental; keeps nothing of what it reads (RFC 9112 sections 6 and 7).
 */
#ifndef MUXD_BODY_H
#define MUXD_BODY_H

#include "http.h"

enum {
	BODY_LINE_MAX = 256,	 /* bytes of a chunk-size line, extensions included */
	BODY_TRAILERS_MAX = 4096 /* bytes of all trailer fields */
};

/* Where in the content we are. 16 bytes, because every connection has one. */
struct body {
	uint64_t left;	   /* bytes of the content, or of this chunk, still to come */
	uint32_t total;	   /* chunked: bytes announced so far */
	uint16_t line_len; /* chunked: bytes of this size line, or of all trailers, so far */
	uint8_t step;	   /* which rule takes the next byte; see body.c */
};

/* Prepares for the content that the head announces; http_has_body(head) must be true. */
void body_init(struct body *body, const struct http_head *head);

/*
 * Reads on. Returns HTTP_MORE (all len bytes were taken), HTTP_DONE with *ret_used set to the
 * bytes that belong to the content, or HTTP_BAD with *ret_status set to 400, 413 or 431.
 */
enum http_result body_feed(struct body *body, const char *data, size_t len, size_t *ret_used,
			   int *ret_status);

#endif
