/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes → facts, pure. Each parser takes the bytes of one source (or the bundle, where a group of
 * facts has several) and fills its group completely, defaults included, even when the source is
 * absent. Strings are borrowed from the bytes wherever possible; lists live in the arena. All
 * return 0, or -ENOMEM. Damage inside the bytes is a fact: the group's source becomes MUX_DENIED
 * with EBADMSG where nothing can be believed any more; a faulty line is skipped and counted where
 * the format has lines.
 *
 * parse_* never set ret->source.name, presence or error to "present": snapshot.c has done that
 * before, from the bundle (bundle_source()); they only lower it.
 */
#ifndef MUX_PARSE_PARSE_H
#define MUX_PARSE_PARSE_H

#include <muxdiag/snapshot.h>

#include "base/arena.h"
#include "base/bundle.h"
#include "base/slice.h"

/* Names whose lines in /etc/hosts are kept; compared without case. */
struct parse_interest {
	const struct mux_slice *names;
	size_t n_names;
};

int parse_machine(struct mux_slice bytes, struct arena *arena, struct mux_machine *ret);

/* /sys/devices/system/cpu/possible: "0-3", or "0,2-5"; sets ret->n_cpus. */
void parse_cpus(struct mux_slice bytes, struct mux_machine *ret);

/* /proc/self/cgroup: which controllers of cgroup version 1 are in use. */
void parse_controllers(struct mux_slice bytes, struct mux_machine *ret);

/*
 * /etc/hosts as nss_files of glibc 2.36 reads it (hosts(5), nss/nss_files/files-hosts.c), with
 * commented-out entries kept as evidence. Must run at memchr speed: a million lines in no more
 * than twice what `getent -s files hosts localhost` takes.
 */
int parse_hosts(struct mux_slice bytes, const struct parse_interest *interest, struct arena *arena,
		struct mux_hosts *ret);

/* nsswitch.conf(5), the `hosts:` line, with glibc's default when there is none; see the comment on
 * struct mux_nsswitch for a file that glibc refuses. */
int parse_nsswitch(struct mux_slice bytes, struct arena *arena, struct mux_nsswitch *ret);

/* resolv.conf(5) */
int parse_resolv(struct mux_slice bytes, struct arena *arena, struct mux_resolv *ret);

/* host.conf(5) */
int parse_host_conf(struct mux_slice bytes, struct mux_host_conf *ret);

/* gai.conf(5), with the built-in tables of RFC 6724 as glibc 2.36 has them. */
int parse_gai(struct mux_slice bytes, struct arena *arena, struct mux_gai *ret);

/* "name-services" */
int parse_name_services(struct mux_slice bytes, struct arena *arena, struct mux_nss_modules *ret);

/* "host-aliases"; the path is left to the caller. */
int parse_host_aliases(struct mux_slice bytes, struct arena *arena, struct mux_host_aliases *ret);

/* "destinations" */
int parse_destinations(struct mux_slice bytes, struct arena *arena, struct mux_destinations *ret);

/* "permissions" */
int parse_permissions(struct mux_slice bytes, struct arena *arena, struct mux_permissions *ret);

/* A file that holds one line. */
int parse_line_file(struct mux_slice bytes, struct mux_line_file *ret);

/* NAME=value\0… */
int parse_environment(struct mux_slice bytes, struct arena *arena, struct mux_environment *ret);

/* All entries below "sysctl/". */
int parse_sysctls(const struct mux_bundle *bundle, struct arena *arena,
		  struct mux_snapshot *snapshot);

/* "resolutions" and "probes". */
int parse_resolutions(struct mux_slice bytes, struct arena *arena, struct mux_snapshot *snapshot);
int parse_probes(struct mux_slice bytes, struct arena *arena, struct mux_snapshot *snapshot);

/* "http": what servers answered, and what that is. */
int parse_talks(struct mux_slice bytes, struct arena *arena, struct mux_snapshot *snapshot);

/* Everything below "netlink/route/". */
int parse_routing(const struct mux_bundle *bundle, struct arena *arena, struct mux_routing *ret);

/* "netlink/diag/" and "processes". */
int parse_listeners(const struct mux_bundle *bundle, struct arena *arena,
		    struct mux_listeners *ret);

/* As parse_listeners(), of "netlink/diag/later/"; without processes. */
int parse_listeners_later(const struct mux_bundle *bundle, struct arena *arena,
			  struct mux_listeners *ret);

/* Of "netlink/diag/holders/" the sockets that are connected to themselves, and "processes". */
int parse_selves(const struct mux_bundle *bundle, struct arena *arena, struct mux_listeners *ret);

/* "unix". */
int parse_unix_sockets(struct mux_slice bytes, struct arena *arena, struct mux_snapshot *snapshot);

/* "netlink/diag/others/" and "processes". */
int parse_neighbours(const struct mux_bundle *bundle, struct arena *arena,
		     struct mux_listeners *ret_tcp, struct mux_listeners *ret_udp);

/* As parse_listeners(), of UDP sockets that are not connected; without processes. */
int parse_udp_sockets(const struct mux_bundle *bundle, struct arena *arena,
		      struct mux_listeners *ret);

/* Everything below "nft/"; sets ret->source itself. */
int parse_nftables(const struct mux_bundle *bundle, struct arena *arena, struct mux_nftables *ret);

/* How far parse_nft_answers() has come; starts as zeroes. */
struct nft_answers {
	size_t n_entries; /* of the bundle, looked at */
	struct arena_list rules, elements;
};

/*
 * Adds to ret->rules and ret->elements what has come into the bundle since the last call: rounds of
 * gathering need not parse again what they have parsed. parse_nftables() does it once.
 */
int parse_nft_answers(const struct mux_bundle *bundle, struct arena *arena,
		      struct nft_answers *answers, struct mux_nftables *ret);

/* Which generation was read, and whether it was another in the end; *ret_source is that of the
 * first. */
void parse_nft_generations(const struct mux_bundle *bundle, struct mux_source *ret_source,
			   struct mux_nftables *ret);

/* Everything below "xtables/", and the two names files. The entries of a table that is MUX_PRESENT
 * may be walked without checks: every offset, size, jump and hook entry in them is in range. */
int parse_xtables(const struct mux_bundle *bundle, struct arena *arena, struct mux_xtables *ret);

/* "cgroup". A record that is not understood may stand for a program: then nothing is known. */
int parse_cgroup(struct mux_slice bytes, struct arena *arena, struct mux_cgroup *ret);

/* "queues" and "conntrack", whose source must have been filled: MUX_DENIED with EBADMSG when it is
 * damaged. */
int parse_queues(struct mux_slice bytes, struct arena *arena, struct mux_queues *ret);
void parse_conntrack(struct mux_slice bytes, struct mux_conntrack *ret);

/* "surroundings" and "strangers". */
int parse_surroundings(struct mux_slice bytes, struct arena *arena, struct mux_surroundings *ret);
int parse_strangers(struct mux_slice bytes, struct arena *arena, struct mux_strangers *ret);

/* "trace/probe". */
int parse_trace_probe(struct mux_slice bytes, struct arena *arena, struct mux_trace *ret);

/* The number of the generation in the entry of that name. Returns whether there is one. */
bool parse_generation(const struct mux_bundle *bundle, const char *name,
		      struct mux_source *ret_source, uint32_t *ret_generation);

/* Everything below "trace/"; sets ret->source itself. */
int parse_trace(const struct mux_bundle *bundle, struct arena *arena, struct mux_trace *ret);

/* All of the above into a zeroed snapshot, sources included; what mux_snapshot_parse() does with an
 * arena of its own. */
int parse_snapshot(const struct mux_bundle *bundle, struct arena *arena, struct mux_snapshot *ret);

#endif
