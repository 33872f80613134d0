/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The access log, in the combined format of Apache and nginx. Lines gather in a worker's buffer
 * and leave in pieces, so that a request costs no system call but the one that asks who it is from.
 */
#ifndef MUXD_ACCESS_LOG_H
#define MUXD_ACCESS_LOG_H

#include "answer.h"
#include "counters.h"

struct access_log;

/*
 * Makes a log that writes to fd, which stays the caller's. Returns 0 with *ret_log, to be freed
 * with access_log_free(), or -ENOMEM.
 */
int access_log_new(int fd, struct counters *counters, struct access_log **ret_log);

/* Writes what is there and frees the log. NULL is allowed. */
void access_log_free(struct access_log *log);

/* Logs a request whose head is the len bytes at `head`, and the answer decided on. */
void access_log_request(struct access_log *log, int client, const char *head, size_t len,
			const struct answer *answer);

/* Logs what was no request, of which len bytes have come, and the status it was refused with. */
void access_log_bad(struct access_log *log, int client, const char *bytes, size_t len,
		    unsigned status);

/*
 * Writes what is there. A pipe or terminal that nobody reads does not hold us up: lines that do
 * not fit any more are dropped, and counted.
 */
void access_log_flush(struct access_log *log);

/* Is something waiting to be written? */
bool access_log_is_pending(const struct access_log *log);

#endif
