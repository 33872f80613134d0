/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer, decided on, and how it is written to the wire (RFC 9112 section 4). Pure. */
#ifndef MUXD_ANSWER_H
#define MUXD_ANSWER_H

#include "password.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ANSWER_MAX = 2048, /* bytes of the longest answer but for pages */
	ANSWER_DATE_LEN = 29,
	ANSWER_N_STATUSES = 15,
	ANSWER_INSTANCE_MAX = 64,
};

enum {
	ANSWER_CLOSE = 1 << 0, /* the last one on its connection; says Connection: close */
	ANSWER_KEEP_ALIVE =
		1 << 1, /* says so, as a 1.0 client needs it (RFC 9112 appendix C.2.2) */
	ANSWER_NO_CONTENT = 1 << 2,  /* to HEAD: everything but the content */
	ANSWER_ALLOW = 1 << 3,	     /* lists the methods: 405 and OPTIONS */
	ANSWER_PASSWORDS = 1 << 4,   /* the content is the fresh `page`, not `text` */
	ANSWER_PEER_CLOSES = 1 << 5, /* it was the client who asked for the connection to end */
	ANSWER_METRICS = 1 << 6,     /* the content is made by the caller, of `text_len` bytes */
	ANSWER_READY = 1 << 7,	     /* while draining: a 503 instead */
	ANSWER_INSTANCE = 1 << 8,    /* `text` is an instance id, said as a field as well */
	ANSWER_HTML = 1 << 9,	     /* `text` is the page of /check, longer than ANSWER_MAX */
	ANSWER_SHARED = 1 << 10,     /* pages of all origins may read it */
};

/* Small, because a connection keeps one while it waits for the request's content to end. */
struct answer {
	const char *text; /* content: outlives the answer, NUL-terminated; NULL = none */
	union {
		struct password_page page;
		uint64_t text_len;   /* of metrics */
		size_t text_written; /* so far */
	};
	uint16_t status;
	uint16_t flags;
};

/* Returns the answer that refuses with an error status: its name as text, flags as given. */
struct answer answer_error(int status, unsigned flags);

/* Returns which of the ANSWER_N_STATUSES a status is, for counting, and the n-th status. */
size_t answer_index(unsigned status);
unsigned answer_status(size_t index);

/*
 * Writes the answer, dated `date`, into out, which has `room` bytes, ANSWER_MAX or more. Returns
 * the length in bytes. Of a page it may be only the beginning: answer_is_written() tells, and
 * answer_write_on() goes on. Of metrics it is the head only.
 * When the source runs dry the answer written is a 500, and *answer says so.
 */
size_t answer_write(struct answer *answer, const char date[static ANSWER_DATE_LEN],
		    struct password_source *source, char *out, size_t room);

/* Returns the length of its content in bytes, which a HEAD or 204 is spared. */
size_t answer_content_len(const struct answer *answer);

/* Is the whole page written, if it is one? */
bool answer_is_written(const struct answer *answer);

/*
 * Writes more of the page into out, which has `room` bytes, ANSWER_MAX or more. Returns the length
 * in bytes, or 0 when the source ran dry; there is no answer for that any more.
 */
size_t answer_write_on(struct answer *answer, struct password_source *source, char *out,
		       size_t room);

/*
 * Writes the time, in seconds since the epoch, as an IMF-fixdate (RFC 9110 section 5.6.7) without
 * a NUL. Only for years 1970 to 9999.
 */
void answer_date(int64_t time, char out[static ANSWER_DATE_LEN]);

/* What a client that asked for 100-continue is sent before its content; NUL-terminated. */
extern const char answer_continue[];

#endif
