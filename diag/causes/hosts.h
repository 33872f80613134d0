/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the causes about /etc/hosts share. */
#ifndef MUX_CAUSES_HOSTS_H
#define MUX_CAUSES_HOSTS_H

#include "causes/cause.h"

/* Does the line give `name` an address? True for a line that is commented out, too. */
bool hosts_names(const struct mux_hosts_entry *entry, const char *name);

/* Is there a live line of that family (0 = any) for `name`? */
bool hosts_has(const struct mux_hosts *hosts, const char *name, int family);

/* Does the system's resolver read /etc/hosts at all? True as long as the contrary is not known. */
bool hosts_are_asked(const struct evaluation *evaluation);

/* Must the name stand for a loopback address: localhost, one of the aliases that distributions give
 * it, or what ends in .localhost (RFC 6761 section 6.3)? */
bool hosts_is_loopback_name(struct mux_slice name);

/* Does the name end in .localhost? */
bool hosts_is_below_localhost(struct mux_slice name);

/*
 * Does a line that is faulty, so that glibc does not answer from it, speak of the name all the
 * same: before the address, with a comma or dot behind it, after a byte order mark, in UTF-16?
 */
bool hosts_garbles(struct findings *findings, const struct mux_hosts_entry *entry,
		   struct mux_slice name);

/* Does any line garble the name? hosts-malformed says more of it then. */
bool hosts_is_garbled(struct findings *findings, struct mux_slice name);

/* What a faulty line was meant to say. */
struct hosts_meaning {
	struct mux_address address; /* of no family when there is none to be seen */
	const char *names;	    /* tab before each; letters, digits, '-', '.', '_' only */
};

/* Reads a faulty line as a person would. */
struct hosts_meaning hosts_meaning_of(struct findings *findings,
				      const struct mux_hosts_entry *entry);

/* Returns "/etc/hosts:3". */
const char *hosts_place(struct findings *findings, const struct mux_hosts_entry *entry);

/* Says that the fix added last appends this line to /etc/hosts. */
void hosts_adds(struct findings *findings, struct cause_finding *finding, const char *line);

/* Says that the fix added last makes that line read so; "" = takes it out. */
void hosts_rewrites(struct findings *findings, struct cause_finding *finding, size_t line,
		    const char *text);

/* Adds the fix that gives all names of the line another address. */
void hosts_give(struct findings *findings, struct cause_finding *finding,
		const struct mux_hosts_entry *entry, const char *address);

/* Adds the fix that takes the name off the line, or the line away when it has no other, and gives
 * the name a line with that address (NULL = none). Nothing is added for a name that is not plain.
 */
void hosts_take_off(struct findings *findings, struct cause_finding *finding,
		    const struct mux_hosts_entry *entry, struct mux_slice name,
		    const char *new_address);

/* Has the name only letters, digits, '-' and '.', as a hosts line and a shell take them? */
bool hosts_is_plain(struct mux_slice name);

/* Is the address this machine's: on a link, of a loopback interface, or routed to it? True as long
 * as the contrary is not known. */
bool hosts_is_own(const struct evaluation *evaluation, const struct mux_address *address);

/* Is /etc/hosts a link that leads to nothing? */
bool hosts_are_dangling(const struct mux_snapshot *snapshot);

/* Returns the command that appends lines; `lines` is the format of a shell's printf, without single
 * quotes. A last line without its end would swallow the first new one, so that is ended first. */
const char *hosts_append(struct findings *findings, const char *lines);

#endif
