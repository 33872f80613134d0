/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every question to every resolver, each resolver in a helper process of its own: an NSS module can
 * hang for ever, and c-ares opens /etc/hosts whatever it is and may not survive what is in it; only
 * a process can be ended without leaving locks behind. The one for getaddrinfo runs a thread for
 * each question. Each answer is one line in a pipe.
 */
#ifndef MUX_GATHER_RESOLVERS_H
#define MUX_GATHER_RESOLVERS_H

#include <sys/types.h>

#include "base/str.h"
#include "gather/resolution.h"

enum { MAX_NAMES = 3, NAME_BYTES = 256, MAX_QUESTIONS = 11 * MAX_NAMES };

/* The names asked about, each once: the target, localhost, the host name. */
struct names {
	char list[MAX_NAMES][NAME_BYTES];
	size_t n;
};

struct resolver_question {
	enum mux_resolver resolver;
	enum mux_lookup lookup;
	const char *name;
	int family;
	bool addrconfig;
	bool answered, failed;
};

struct resolvers {
	pid_t helpers[2]; /* by enum mux_resolver; 0 = none runs */
	bool died[2];	  /* it ended by a signal that was not ours */
	int fd;		  /* -1 = the helpers have said all they will */
	struct resolver_question questions[MAX_QUESTIONS];
	size_t n_questions;
	char buffer[8192]; /* a line that has not ended yet */
	size_t len;
	int64_t started_us;
};

/* --- in the caller ----------------------------------------------------------------------- */

/* Starts the helpers with every question. If one cannot be started it answers nothing. How long a
 * question has been out is counted from started_us, of clock_now_us(). The names must outlive the
 * resolvers. */
void resolvers_start(struct resolvers *resolvers, const struct names *names, int64_t started_us);

/* Appends the records of the answers that have come. */
void resolvers_take(struct resolvers *resolvers, struct str *records);

/*
 * Returns the first question to that resolver that is still out, or NULL. Questions to DNS alone
 * count only with `dns`.
 */
const struct resolver_question *resolvers_waiting(const struct resolvers *resolvers,
						  enum mux_resolver resolver, bool dns);

/* Did getaddrinfo(name, AF_UNSPEC) without AI_ADDRCONFIG give an error? */
bool resolvers_failed(const struct resolvers *resolvers, const char *name);

/* Ends the helpers, reaps them, and records what was never answered. */
void resolvers_finish(struct resolvers *resolvers, struct str *records);

/* --- in the helpers ---------------------------------------------------------------------- */

/* Fills what is known of an answer before it comes. */
void resolution_start(struct resolution *resolution, const struct resolver_question *question);

/* Writes the answer to question `number` as one line, in one write of at most PIPE_BUF bytes, so
 * that the lines of several threads never mix. */
void resolvers_tell(int fd, size_t number, const struct resolution *resolution);

/* Asks one question of getaddrinfo. */
void system_ask(const struct resolver_question *question, size_t number, int fd);

/* Asks c-ares every question that is for it, at once, and waits for all. */
void cares_ask_all(const struct resolvers *resolvers, int fd);

#endif
