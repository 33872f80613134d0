/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As much of HTTP/1 (RFC 9112) as it takes to tell where a response ends and what it says. */
#ifndef MUX_BASE_HTTP_H
#define MUX_BASE_HTTP_H

#include <muxdiag/snapshot.h>

/* Returns the length of the head with its empty line, or 0 while it has not come to an end. */
size_t http_head_len(struct mux_slice bytes);

/* Returns the status of a response's head; 0 = it is none. */
int http_status(struct mux_slice head);

/* Returns the trimmed value of the first field of that name, compared without case (RFC 9110
 * section 5.1); empty when there is none. */
struct mux_slice http_field(struct mux_slice head, const char *name);

/* Is the word in a field that lists words, such as Connection? Without case. */
bool http_field_has(struct mux_slice head, const char *name, const char *word);

#endif
