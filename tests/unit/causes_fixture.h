/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Evaluations made by hand: what `evaluate()` would say of a machine, without a machine. A fixture
 * starts as a healthy dual-stack one whose server answers; tests break it.
 */
#ifndef MUX_TESTS_CAUSES_FIXTURE_H
#define MUX_TESTS_CAUSES_FIXTURE_H

#include "base/arena.h"
#include "causes/cause.h"
#include "evaluate/client.h"

enum { FIXTURE_MAX = 16 };

enum fixture_name { FIXTURE_TARGET = 1, FIXTURE_HOST_NAME = 2, FIXTURE_LITERAL = 4 };

struct fixture {
	struct arena *arena;
	struct mux_snapshot snapshot;
	struct evaluation evaluation;
	struct ev_name names[FIXTURE_MAX];
	struct ev_candidate candidates[FIXTURE_MAX];
	struct mux_probe probes[FIXTURE_MAX];
	size_t n_probes;
	struct mux_hosts_entry hosts[FIXTURE_MAX];
	struct mux_listener listener4, listener6;
	struct mux_nft_chain chains[FIXTURE_MAX];
	struct mux_resolution resolutions[FIXTURE_MAX];
	struct mux_sysctl sysctls[4];
	struct mux_variable variables[4];
	struct ev_client_result clients[4];
};

/* A healthy machine debian5: `target` is ::1 and 127.0.0.1, debian5 is 127.0.1.1, the literals are
 * themselves; with a port, a dual-stack server connects everywhere. `target` may be debian5 or a
 * literal. */
void fixture_init(struct fixture *fixture, const char *target, uint16_t port);
void fixture_done(struct fixture *fixture);

/* Returns the candidate of that name and address; fails the test when there is none. */
struct ev_candidate *fixture_find(struct fixture *fixture, const char *name, const char *address);

/* Takes all candidates of the name away; it stands for nothing, for that reason. */
void fixture_unresolve(struct fixture *fixture, const char *name, const char *reason);

/* Sets the lines of /etc/hosts, "" ended: "1 live 127.0.0.1 localhost". */
void fixture_hosts(struct fixture *fixture, const char *const *lines);

/* A decision of ip6tables-nft's policy in that hook (enum nf_hook). */
struct nf_decision fixture_policy(uint8_t hook);

/* Drops the packets of all candidates of the family in that direction. */
void fixture_drop(struct fixture *fixture, int family, enum mux_stage stage,
		  const struct nf_decision *decision);

/* All candidates of the family are refused: nobody listens there. */
void fixture_refuse(struct fixture *fixture, int family, const struct mux_listener *nearest);

/* Marks a stage of all candidates of the family as failed, and them as not working. */
void fixture_fail(struct fixture *fixture, int family, enum mux_stage stage, int error);

/* Runs all causes. Returns the findings; the arena must not have failed. */
const struct mux_finding *fixture_findings(struct fixture *fixture, size_t *ret_n);

/* Returns the finding of that id, or NULL. */
const struct mux_finding *fixture_finding(struct fixture *fixture, const char *id);

/* Has the finding evidence from that source with that part in its text? */
bool has_evidence(const struct mux_finding *finding, const char *source, const char *part);

/* Has it a fix with exactly that command? */
bool has_command(const struct mux_finding *finding, const char *command);

#endif
