/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients say, as data: the sentence of a row of client.c with the failure put in. */
#ifndef MUX_EVALUATE_CLIENT_WORDS_H
#define MUX_EVALUATE_CLIENT_WORDS_H

#include "evaluate/client.h"

struct client_failure {
	const struct mux_address *address; /* NULL when it is the name that failed */
	int error;			   /* errno of the address */
	int status;			   /* EAI_* of the name; 0 = not known */
	const char *text;		   /* the resolver's, of the name */
};

/*
 * Returns the sentence with its conversions replaced, escaped, in the arena; NULL for NULL:
 *	%h host		%p port		%a address	%f address and port as in a URL
 *	%t address and port as a Python tuple		%b the address in " (…)" if it is IPv4
 *	%e text of the errno, or of the resolver	%l the same in lower case
 *	%E name of the errno, or of the EAI_* as Node spells it
 *	%n number of the errno, or of the EAI_*		%j Java's exception for the errno
 */
const char *client_words(const struct ev_context *context, const char *sentence,
			 const struct client_failure *failure);

/* Returns the variable for which the client asks a proxy instead of the target, or NULL when it
 * asks none. Borrowed from the snapshot. */
const struct mux_variable *client_proxy(const struct ev_context *context,
					const struct ev_client *client);

/* Returns the variable that excepts hosts from proxies, in whichever case it is set, or NULL.
 * Borrowed from the environment. */
const struct mux_variable *client_no_proxy(const struct mux_environment *environment);

/* Sets the result's one line of text from its other fields. */
void client_describe(const struct ev_context *context, struct ev_client_result *result);

#endif
