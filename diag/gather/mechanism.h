/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One function per mechanism, all with the contract of gather.h: what cannot be read is recorded
 * with its errno; they return 0, or a negative errno when not even that could be recorded.
 */
#ifndef MUX_GATHER_MECHANISM_H
#define MUX_GATHER_MECHANISM_H

#include <muxdiag/muxdiag.h>

#include "base/bundle.h"

/* The files of sources.def below root_dir (NULL = /), and the sysctls. */
int gather_files(const char *root_dir, struct mux_bundle *bundle);
int gather_sysctls(struct mux_bundle *bundle);

/* The regular file /<path> of this machine, at most `largest` bytes of it, into that entry. */
int gather_system_file(const char *path, const char *name, size_t largest,
		       struct mux_bundle *bundle);

/* Who and where we are, and what the question was. */
int gather_machine(const struct mux_question *question, struct mux_bundle *bundle);

/* The variables that change how names resolve or where clients connect. */
int gather_environment(struct mux_bundle *bundle);

/* The file that one of them, HOSTALIASES, names. */
int gather_host_aliases(struct mux_bundle *bundle);

/* Which modules of the hosts line of nsswitch.conf are there. Goes after gather_files(). */
int gather_name_services(struct mux_bundle *bundle);

/* Links, addresses, rules, and table local of both families. */
int gather_routing(struct mux_bundle *bundle);

/* Did gather_route_answer() learn that the destination is this machine itself (RTN_LOCAL)? */
bool route_answer_is_local(const struct mux_address *destination, const struct mux_bundle *bundle);

/* LISTEN sockets of the port in both families, and the processes that hold them. */
int gather_listeners(uint16_t port, struct mux_bundle *bundle);

/* The same sockets once more, under names of their own; without processes. */
int gather_listeners_later(uint16_t port, struct mux_bundle *bundle);

/* LISTEN sockets of every port and UDP sockets of the port, and the processes that hold them; for
 * when nobody listens on the port. Goes after gather_listeners(). */
int gather_neighbours(uint16_t port, struct mux_bundle *bundle);

/* LISTEN sockets of the port in both families, without their processes. */
int gather_listening(uint16_t port, struct mux_bundle *bundle);

/* Connected TCP sockets whose own port it is: see sources.def. */
int gather_holders(uint16_t port, struct mux_bundle *bundle);

/* Sockets that listen under a path. */
int gather_unix_sockets(struct mux_bundle *bundle);

/* How many sockets are connected to the port, or wait in TIME_WAIT for it, for each address. Does
 * nothing when that is known already. */
int gather_destinations(uint16_t port, struct mux_bundle *bundle);

/* TCP sockets that listen and UDP sockets that are not connected, of every port. */
int gather_sockets(struct mux_bundle *bundle);

/* BPF programs on the control group of this process. */
int gather_cgroup(struct mux_bundle *bundle);

/* Container, sandbox, WSL, security module: see sources.def. */
int gather_surroundings(struct mux_bundle *bundle);

/* Readers of queues, and conntrack's table: see sources.def. */
int gather_packet_path(struct mux_bundle *bundle);

/* Sockets that listen on the port in other network namespaces, as far as /proc shows them. */
int gather_strangers(uint16_t port, struct mux_bundle *bundle);

/* Legacy tables that exist already. Needs the names files in the bundle. */
int gather_xtables(struct mux_bundle *bundle);

#endif
