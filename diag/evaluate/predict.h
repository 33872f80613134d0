/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What getaddrinfo of glibc 2.36 would answer, from nsswitch.conf and the facts its services read:
 * files, and myhostname of systemd 252. What other services would say is not known.
 */
#ifndef MUX_EVALUATE_PREDICT_H
#define MUX_EVALUATE_PREDICT_H

#include "evaluate/context.h"

struct ev_prediction {
	enum mux_answer resolves;
	struct arena_list addresses; /* of struct mux_address, as the service gives them: not
					sorted, duplicates kept */
	const char *source;	     /* who answered: "/etc/hosts", "myhostname"; NULL = nobody */
	const char *reason;	     /* of MUX_NO and MUX_UNKNOWN */
};

/* Predicts for AF_UNSPEC, AF_INET or AF_INET6, without AI_ADDRCONFIG. Running out of memory is
 * remembered by the arena. */
void ev_predict(const struct ev_context *context, struct mux_slice name, int family,
		struct ev_prediction *ret);

#endif
