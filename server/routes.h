/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which answer a request gets. Pure. To add an endpoint: one row and one function in routes.c. */
#ifndef MUXD_ROUTES_H
#define MUXD_ROUTES_H

#include "answer.h"
#include "http.h"

/* What the answers depend on besides the request; the same for all of them. */
struct routes {
	bool seed; /* every path but the machines' own answers with passwords */
	char instance[ANSWER_INSTANCE_MAX]; /* content of /healthz, one line with its newline */
	char *check;			    /* content of /check */
};

/*
 * Decides on the answer to a request whose head was read completely (HTTP_DONE) from `data`.
 * Every request has one; errors are answers too. The routes must outlive the answer.
 */
struct answer routes_answer(const struct routes *routes, const struct http_head *head,
			    const char *data);

#endif
