/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of an HTTP/1.x request, read strictly (RFC 9112) and incrementally: any fragmentation
 * of the same bytes gives the same answer. Pure: bytes in, offsets out, no allocation.
 *
 * Strict where smuggling lives: bare CR or LF, obs-fold, blanks before the colon, a second Host or
 * Content-Length, Content-Length beside Transfer-Encoding, anything but a single final "chunked"
 * end the connection with an error instead of being guessed at.
 */
#ifndef MUXD_HTTP_H
#define MUXD_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HTTP_LINE_MAX = 8192,  /* bytes of a request line with CRLF; RFC 9112 section 3: >= 8000 */
	HTTP_HEAD_MAX = 16384, /* bytes of a whole head */
	HTTP_FIELDS_MAX = 100, /* field lines */
	HTTP_EMPTY_LINES_MAX = 4, /* before a request line; RFC 9112 section 2.2: at least one */
	HTTP_BODY_MAX = 1 << 20,  /* bytes of content that is read only to be discarded */
};

enum http_result {
	HTTP_MORE, /* all bytes were good so far; more are needed */
	HTTP_DONE,
	HTTP_BAD, /* answer with the status and close: the framing cannot be trusted any more */
};

enum http_method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_OPTIONS,
	METHOD_POST,
	METHOD_PUT,
	METHOD_DELETE,
	METHOD_PATCH,
	METHOD_TRACE,
	METHOD_CONNECT,
	METHOD_OTHER, /* a valid token that means nothing here */
};

enum {
	HTTP_HAS_HOST = 1 << 0,
	HTTP_HAS_LENGTH = 1 << 1,
	HTTP_HAS_CODING = 1 << 2,	/* any Transfer-Encoding */
	HTTP_CHUNKED = 1 << 3,		/* "chunked" was its last coding so far */
	HTTP_UNKNOWN_CODING = 1 << 4,	/* and another one stood before it */
	HTTP_SAYS_CLOSE = 1 << 5,	/* Connection: close */
	HTTP_SAYS_KEEP_ALIVE = 1 << 6,	/* Connection: keep-alive */
	HTTP_EXPECTS_CONTINUE = 1 << 7, /* Expect: 100-continue */
	HTTP_EXPECTS_UNKNOWN = 1 << 8,	/* another expectation */
	HTTP_ASTERISK = 1 << 9,		/* the target is "*" */
	HTTP_HAS_QUERY = 1 << 10,	/* a '?' was there, even if nothing follows it */
	HTTP_REQUEST_LINE_READ = 1 << 11,
};

/* Bytes of the buffer that holds the head; offsets, because the buffer may move between calls. */
struct http_span {
	uint16_t start;
	uint16_t len;
};

/* What is known of one head. Plain bytes: may be copied and kept beside a partial head. */
struct http_head {
	uint32_t line;	  /* offset of the line being read */
	uint32_t scanned; /* no LF stands between line and here */
	uint16_t flags;
	uint16_t status; /* after HTTP_BAD: what to answer */
	uint16_t n_fields;
	uint8_t n_empty_lines;
	uint8_t method;		 /* enum http_method */
	uint8_t minor;		 /* of the version HTTP/1.minor */
	struct http_span path;	 /* without query; len 0 means "/" (RFC 9110 section 4.2.3) */
	struct http_span query;	 /* after '?' */
	uint64_t content_length; /* bytes; anything over HTTP_BODY_MAX is only that */
	uint32_t len;		 /* after HTTP_DONE: bytes of the head, its last CRLF included */
};

/* Prepares for the first byte of a request. */
void http_head_init(struct http_head *head);

/*
 * Reads on. `data` holds the head from its first byte, `len` all bytes there are by now; bytes
 * seen before must be the same as they were, wherever they lie now.
 * Returns HTTP_MORE, HTTP_DONE with head->len set (the content or the next request follows), or
 * HTTP_BAD with head->status set (400, 413, 414, 417, 421, 431, 501 or 505). Not to be called
 * again after HTTP_DONE or HTTP_BAD before http_head_init().
 */
enum http_result http_head_feed(struct http_head *head, const char *data, size_t len);

/* After HTTP_DONE: does content follow the head? */
bool http_has_body(const struct http_head *head);

/* After HTTP_DONE: may the connection live on after the answer? (RFC 9112 section 9.3) */
bool http_is_persistent(const struct http_head *head);

/*
 * For http.c: reads one request-target of len bytes at `start` within data, for head->method.
 * Sets path, query and the target's flags. Returns 0 or the status to refuse with.
 */
int http_target_parse(struct http_head *head, const char *data, size_t start, size_t len);

/*
 * For http.c: reads one field line (without its CRLF). Returns 0 or the status to refuse with.
 */
int http_field_parse(struct http_head *head, const char *line, size_t len);

/* For target.c and field.c: is it uri-host [":" port] of RFC 3986, with a host that is not empty?
 */
bool http_is_authority(const char *text, size_t len);

#endif
