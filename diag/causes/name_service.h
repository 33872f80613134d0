/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the causes about name services beyond /etc/hosts share. */
#ifndef MUX_CAUSES_NAME_SERVICE_H
#define MUX_CAUSES_NAME_SERVICE_H

#include "causes/cause.h"

/* Returns the service of the hosts line of that name, or NULL. */
const struct mux_nss_service *service_find(const struct mux_nsswitch *nsswitch, const char *name);

/* Does the service ask name servers: dns itself, or systemd-resolved? */
bool service_asks_dns(const struct mux_nss_service *service);

/* Does any service of the hosts line do so? */
bool services_ask_dns(const struct mux_nsswitch *nsswitch);

/* Is its module not installed? No as long as that is not known, or where nscd looks names up in its
 * place, with modules of its own. */
bool service_lacks_module(const struct mux_snapshot *snapshot,
			  const struct mux_nss_service *service);

/* Returns "/etc/nsswitch.conf:3", without a number for a line that is not there. */
const char *service_place(struct findings *findings);

/* Adds the line of nsswitch.conf as evidence; nothing when there is none. */
void service_add_line(struct findings *findings, struct cause_finding *finding);

/* Adds the fix that makes the hosts line read so; `line` is plain text without single quotes and
 * slashes. */
void service_fix(struct findings *findings, struct cause_finding *finding, const char *title,
		 const char *line);

/* Adds the fix that gives the target its loopback addresses in /etc/hosts, where the name is plain
 * and the file can be read. */
void service_give_lines(struct findings *findings, struct cause_finding *finding);

/* Has /etc/hosts a loopback address for the target? */
bool service_hosts_know(const struct evaluation *evaluation);

/* Returns an address of a target that should stand for this machine that /etc/hosts does not give,
 * and that is no loopback address (for a host name: not this machine's at all); NULL = none. */
const struct ev_candidate *service_stray(const struct evaluation *evaluation);

/* Returns what c-ares was told by the name servers alone about the target, for AF_INET or AF_INET6;
 * NULL = it has not got an answer. */
const struct mux_resolution *service_dns_answer(const struct evaluation *evaluation, int family);

/* Returns what the file of HOSTALIASES makes of the target where name servers are asked, which they
 * are for a name that /etc/hosts does not have; NULL = nothing. */
const struct mux_host_alias *service_alias(const struct evaluation *evaluation);

/* How bad it is that the target does not stand for what it should: critical when nothing of it
 * works, a warning when an address of it leads elsewhere, else information. */
enum mux_severity service_severity(const struct evaluation *evaluation);

/* Adds what the system's resolver says of the target as evidence. */
void service_add_answer(struct findings *findings, struct cause_finding *finding);

#endif
