/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a server answers, once a connection to it could be made: on one further connection per
 * family of the target the beginning of HTTP or TLS is said, whichever the port and the URL let
 * expect, and the first bytes that come back are kept. Where these leave it open whether the server
 * speaks the other of the two, that is said on another connection.
 *
 * Nothing is waited for before we speak: who speaks first, as SSH and SMTP do, is heard all the
 * same, and everybody else would cost a healthy check that time. Ports of databases, mail and the
 * like, whose servers would count our words as an attack, are left alone.
 */
#ifndef MUX_GATHER_TALKS_H
#define MUX_GATHER_TALKS_H

#include <poll.h>

#include <muxdiag/muxdiag.h>

#include "base/str.h"
#include "gather/probes.h"

enum { TALK_BYTES = 4096, MAX_TALKS = 6 };

enum talk_words { TALK_HTTP, TALK_TLS, TALK_INSTANCE };

struct talk {
	enum talk_words words;
	struct mux_address address;
	int fd;	       /* -1 = over */
	bool sent;     /* our words */
	bool finished; /* an answer, an end or an error came */
	bool closed;   /* the server ended the connection */
	int error;
	int64_t started_us, deadline_us;
	int64_t elapsed_us; /* until the first byte, or until it was over without any */
	char bytes[TALK_BYTES];
	size_t len;
};

struct talks {
	const struct mux_target *target;
	int64_t deadline_us; /* for all */
	struct talk list[MAX_TALKS];
	size_t n;
};

/* Will there be any? Not without a port, and not with ports of other protocols. */
bool talks_are_wanted(const struct mux_target *target);

/* Starts to talk with what the probes have found connected of the target since the last call. */
void talks_follow(struct talks *talks, const struct probes *probes);

/* As the functions of these names in gather/probes.h. */
bool talks_waiting(const struct talks *talks);
size_t talks_poll(const struct talks *talks, struct pollfd *fds, size_t room);
void talks_take(struct talks *talks, const struct pollfd *fds, size_t n);
int64_t talks_deadline(const struct talks *talks);

/* Was any left without an answer until its deadline? Its connection is still open. */
bool talks_are_silent(const struct talks *talks);

/* Ends all that is out and appends a record for each. */
void talks_finish(struct talks *talks, struct str *records);

#endif
