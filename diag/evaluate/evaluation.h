/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts → answers, pure: what each name stands for, and for every candidate address what each
 * stage between the client and the server would do with its packets. Causes read this; nothing
 * here speaks to people beyond the one-line texts of the stages.
 */
#ifndef MUX_EVALUATE_EVALUATION_H
#define MUX_EVALUATE_EVALUATION_H

#include <muxdiag/muxdiag.h>

#include "base/arena.h"
#include "netfilter/verdict.h"

/* --- names ------------------------------------------------------------------------------- */

/* What one name stands for. Literals resolve to themselves. */
struct ev_name {
	struct mux_slice name;
	bool of_target;
	bool literal;
	bool host_name; /* it is this machine's own name */
	enum mux_answer resolves;
	/* What decided: the system's getaddrinfo(AF_UNSPEC), or NULL when it was not asked and the
	 * answer was predicted from files (then `predicted` is set). */
	const struct mux_resolution *resolution;
	bool predicted;
	const char *text; /* one line: the addresses, or the resolver's error */
};

/* --- stages ------------------------------------------------------------------------------ */

enum ev_route_state {
	EV_ROUTE_LOCAL,		  /* the kernel delivers it on this machine */
	EV_ROUTE_ELSEWHERE,	  /* it leaves through a link: no localhost */
	EV_ROUTE_LOOPBACK_DOWN,	  /* lo lacks IFF_UP */
	EV_ROUTE_IPV6_DISABLED,	  /* by sysctl; `sysctl` names it */
	EV_ROUTE_ADDRESS_MISSING, /* lo is up, but the address is on no link */
	EV_ROUTE_REFUSED,	  /* a route or rule: `error` */
	EV_ROUTE_DIVERTED,	  /* a loopback address, and yet it leaves through another link */
	EV_ROUTE_UNKNOWN,
};

struct ev_route {
	enum mux_answer passes;
	enum ev_route_state state;
	int error; /* what connect() gives for this state; 0 = none */
	const struct mux_sysctl *sysctl;
	const struct mux_route_answer *answer;
	const char *text;
};

/* What a death depends on beside the packet's own addresses and ports. */
enum ev_because {
	EV_BECAUSE_RULE,      /* nothing */
	EV_BECAUSE_CONNTRACK, /* that conntrack has not seen the packet, or must not */
	EV_BECAUSE_OWNER,     /* who sends it */
};

/* One direction of the firewall: OUTPUT side (OUTPUT, POSTROUTING, egress) or INPUT side (ingress,
 * PREROUTING, INPUT). */
struct ev_path {
	enum mux_answer passes;
	struct nf_decision decision; /* valid if `decided`: the chain that drops or is unknown */
	bool decided;
	enum ev_because because; /* of a decided death */
	/* What decides, or may, once limits on rates and connections are used up; NULL = no other
	 * than now. */
	const struct nf_decision *busy;
	bool used_up;	  /* inferred, and `decision` is what `busy` was: a limit is used up */
	bool table_full;  /* inferred: conntrack has no room for the flow, and drops it */
	bool of_reply;	  /* it is the answer (SYN/ACK) that the decision is about */
	bool inferred;	  /* not read from rules: concluded from probes */
	bool either_side; /* inferred, but the other direction may be the guilty one instead */
	bool counted;	  /* inferred, and the kernel's counters betray that it is this side */
	/* A BPF program that has a say where the rules let it pass; NULL = none. */
	const struct mux_cgroup_program *program;
	bool contradicted; /* the rules say one thing, the real connection another */
	const char *text;
};

struct ev_listen {
	enum mux_answer accepts;
	const struct mux_listener *listener; /* who accepts, or NULL */
	const struct mux_listener *nearest;  /* same port, but not for this address; or NULL */
	bool queue_full;
	bool redirected; /* rules send the packets on to another address or port: */
	struct mux_address sent_on_to;
	uint16_t sent_on_to_port;
	const struct nf_decision *redirect; /* by this rule; NULL = it was not found again */
	const char *text;
};

/* --- candidates -------------------------------------------------------------------------- */

struct ev_candidate {
	const struct ev_name *name;
	struct mux_address address;
	unsigned position; /* 1 = tried first, as the system's getaddrinfo orders */
	struct ev_route route;
	struct ev_path output, input;
	struct ev_listen listen;
	const struct mux_probe *tcp, *udp; /* NULL = none was made */
	/* What the server answered to HTTP, to TLS, to being asked who it is; NULL = not asked. */
	const struct mux_talk *http, *tls, *instance;
	enum mux_answer works; /* does the connection come about? */
	bool useless;	       /* it does, but it is known that the server does not do its part */
	const char *text;      /* one line: how it ended, or would end */
	/* Bit (1u << MUX_STAGE_x) for every stage known to fail, whatever failed before it. */
	unsigned blocked;
};

/* --- clients ----------------------------------------------------------------------------- */

struct ev_client;

/* How one client will fare (evaluate/client.h). */
struct ev_client_result {
	const struct ev_client *client;
	enum mux_answer works;
	/* It asks this variable's proxy instead, of which nothing is known; NULL = none. */
	const struct mux_variable *proxy;
	/* It would fail for any name here, whatever localhost is like: it counts only where it is
	 * the one that is asked about. */
	bool aloof;
	int64_t after_ms;	    /* until it works, or gives up */
	struct mux_address address; /* the one that it connects to; none unless it works */
	bool useless;		    /* it connects, but as in struct ev_candidate */
	const char *says;	    /* its own words when it fails, escaped; NULL = none known */
	const char *text; /* "works after 250 ms, over 127.0.0.1", and why it is unknown */
};

struct evaluation {
	const struct mux_snapshot *snapshot;
	struct mux_target target;
	bool live_target; /* the target is the one the bundle was gathered for, port included */
	/* The target first, then the host name, then the literals 127.0.0.1 and ::1. */
	const struct ev_name *names;
	size_t n_names;
	/* In the order of names, then of positions. */
	const struct ev_candidate *candidates;
	size_t n_candidates;
	const struct ev_client_result *clients; /* in the order of evaluate/client.c */
	size_t n_clients;
	const struct ev_client *only; /* the one that was asked about; NULL = all */
	bool firewall_readable;	      /* nftables and every legacy table there may be */
};

/*
 * Evaluates everything for the target. Returns 0 or -ENOMEM; all of *ret is in the arena and
 * borrows from the snapshot.
 */
int evaluate(const struct mux_snapshot *snapshot, const struct mux_target *target,
	     struct arena *arena, struct evaluation *ret);

/* Families whose candidates are judged anew. */
enum { EV_STALE_IPV4 = 1, EV_STALE_IPV6 = 2 };

struct change_world;

/*
 * As evaluate(), of a world in which a few facts are others (evaluate/change.h). What was found
 * before of addresses that they do not touch is taken over, and must live as long.
 */
int evaluate_again(const struct change_world *world, struct evaluation *ret);

/* Returns the candidate of a literal loopback address of that family; there is always one. */
const struct ev_candidate *evaluation_literal(const struct evaluation *evaluation, int family);

#endif
