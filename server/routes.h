/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which answer a request gets. Pure. To add an endpoint: one row and one function in routes.c. */
#ifndef MUXD_ROUTES_H
#define MUXD_ROUTES_H

#include "answer.h"
#include "http.h"

/*
 * Decides on the answer to a request whose head was read completely (HTTP_DONE) from `data`.
 * Every request has one; errors are answers too.
 */
struct answer routes_answer(const struct http_head *head, const char *data);

#endif
