/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client's resolver is asked, for the files that follow resolvers. */
#ifndef MUX_EVALUATE_CLIENT_QUESTION_H
#define MUX_EVALUATE_CLIENT_QUESTION_H

#include "evaluate/client.h"

struct client_question {
	const struct ev_context *context;
	const struct evaluation *evaluation;
	struct mux_slice name;
	struct ev_client_names *ret;
};

/* Adds an address, unless the list is full. Duplicates stay: a client tries them as often as its
 * resolver names them. */
void client_add_address(struct ev_addresses *addresses, const struct mux_address *address);

/* Returns what that resolver answered to the question for that family, or NULL. */
const struct mux_resolution *client_find_answer(const struct client_question *question,
						enum mux_resolver resolver, enum mux_lookup lookup,
						int family, bool addrconfig);

/* Is it 127.0.0.1 or ::1? 127.0.0.2 on lo is an address like any other to those who look for
 * configured families. */
bool client_is_loopback_itself(const struct mux_address *address);

/* Is the name localhost or one below it? RFC 6761 section 6.3; curl, browsers and c-ares answer
 * these themselves. */
bool client_is_below_localhost(struct mux_slice name);

/* Fills in what getaddrinfo(AF_UNSPEC) answers. */
void client_ask_system(const struct client_question *question, bool addrconfig);

/* Fills in what Go's own resolver makes of the name; client_ask_go(): where it leaves it to the
 * system, what that answers. */
void client_ask_go_itself(const struct client_question *question);
void client_ask_go(const struct client_question *question);

/* Fills in what aria2 makes of the name with c-ares. */
void client_ask_cares(const struct client_question *question);

#endif
