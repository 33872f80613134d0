/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer, decided on, and how it is written to the wire (RFC 9112 section 4). Pure. */
#ifndef MUXD_ANSWER_H
#define MUXD_ANSWER_H

#include "password.h"

#include <stddef.h>
#include <stdint.h>

enum {
	ANSWER_MAX = 2048, /* bytes of the longest answer */
	ANSWER_DATE_LEN = 29,
};

enum {
	ANSWER_CLOSE = 1 << 0, /* the last one on its connection; says Connection: close */
	ANSWER_KEEP_ALIVE =
		1 << 1, /* says so, as a 1.0 client needs it (RFC 9112 appendix C.2.2) */
	ANSWER_NO_CONTENT = 1 << 2,  /* to HEAD: everything but the content */
	ANSWER_ALLOW = 1 << 3,	     /* lists the methods: 405 and OPTIONS */
	ANSWER_PASSWORDS = 1 << 4,   /* the content is a fresh page in `format`, not `text` */
	ANSWER_PEER_CLOSES = 1 << 5, /* it was the client who asked for the connection to end */
};

/* Small, because a connection keeps one while it waits for the request's content to end. */
struct answer {
	const char *text; /* content: static, ASCII, NUL-terminated; NULL = none at all */
	uint16_t status;
	uint8_t flags;
	uint8_t format; /* enum password_format */
};

/* Returns the answer that refuses with an error status: its name as text, flags as given. */
struct answer answer_error(int status, unsigned flags);

/*
 * Writes the answer, dated `date`, into out. Returns its length in bytes, at most ANSWER_MAX.
 * When the source runs dry the answer written is a 500, and *answer says so.
 */
size_t answer_write(struct answer *answer, const char date[static ANSWER_DATE_LEN],
		    struct password_source *source, char out[static ANSWER_MAX]);

/*
 * Writes the time, in seconds since the epoch, as an IMF-fixdate (RFC 9110 section 5.6.7) without
 * a NUL. Only for years 1970 to 9999.
 */
void answer_date(int64_t time, char out[static ANSWER_DATE_LEN]);

/* What a client that asked for 100-continue is sent before its content; NUL-terminated. */
extern const char answer_continue[];

#endif
