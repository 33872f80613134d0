/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the clients that people use get from a name to a connection. One row of client.c is one
 * client, as data; one interpreter (client_run.c) foresees from an evaluation what it will meet.
 */
#ifndef MUX_EVALUATE_CLIENT_H
#define MUX_EVALUATE_CLIENT_H

#include "evaluate/context.h"
#include "evaluate/evaluation.h"
#include "evaluate/resolve.h"

/* Where a client takes its addresses from. */
enum ev_resolver {
	EV_SYSTEM,		/* getaddrinfo(AF_UNSPEC) */
	EV_SYSTEM_ADDRCONFIG,	/* the same with AI_ADDRCONFIG */
	EV_SYSTEM_IPV4,		/* getaddrinfo(AF_INET), nothing else */
	EV_SYSTEM_IPV4_FIRST,	/* getaddrinfo(AF_INET); only if that fails, AF_INET6 */
	EV_SYSTEM_ONE_IPV4,	/* of getaddrinfo(AF_UNSPEC) the first IPv4 address, if any */
	EV_JAVA,		/* getaddrinfo, IPv4 moved first; if it fails, 127.0.0.1 */
	EV_URLLIB3,		/* getaddrinfo(AF_INET) where ::1 cannot be bound, else AF_UNSPEC */
	EV_GO,			/* reads hosts, asks DNS and sorts by itself, or asks the system */
	EV_GO_PURE,		/* never asks the system */
	EV_BUILT_IN_IPV4_FIRST, /* knows localhost to be 127.0.0.1 and ::1; others from the system
				 */
	EV_BUILT_IN_IPV6_FIRST, /* the same, ::1 first */
	EV_CARES_CONFIGURED,	/* c-ares, each family that the machine can reach others with; ::1
				 * first
				 */
};

/* What a client does with its addresses. */
enum ev_strategy {
	EV_IN_ORDER,   /* the next one when one has failed */
	EV_FIRST_ONLY, /* the first; that it fails is the end */
	EV_EYEBALLS,   /* the next one after delay_ms, or sooner when one fails (RFC 8305) */
	EV_ABORTING,   /* in order, and each but the last is given up after delay_ms */
	EV_BACKED_UP,  /* in order, but after delay_ms of IPv6 IPv4 is tried beside it */
	EV_EVERY,      /* connects to all, last to first, before it begins */
};

/* Which variables send a client to a proxy. */
enum ev_proxy {
	EV_PROXY_NONE,
	EV_PROXY_LOWER,	    /* http_proxy */
	EV_PROXY_BOTH,	    /* http_proxy or HTTP_PROXY */
	EV_PROXY_ALWAYS,    /* http_proxy, whatever no_proxy says */
	EV_PROXY_ELSEWHERE, /* both, but never for localhost and loopback addresses */
};

struct ev_client {
	const char *name;  /* of --client: "node-http" */
	const char *title; /* "Node 20 http" */
	enum ev_resolver resolver;
	enum ev_strategy strategy;
	unsigned delay_ms;
	unsigned patience_ms; /* its own limit for connecting, which ends it; 0 = none */
	unsigned address_ms;  /* its own limit for one address; 0 = none */
	enum ev_proxy proxy;
	bool networks;	/* of no_proxy it understands 127.0.0.0/8, too, for an address */
	bool all_proxy; /* where its own is not set, all_proxy or ALL_PROXY */
	bool all_lower; /* of these two, only the former */
	bool literals;	/* it puts addresses to its resolver as well, which may refuse them */
	/* When an ICMP error ends its connect(): the kernel keeps it until the next SYN is due, but
	 * a program that polls sees one for IPv4 at once (measured, IPv6 not), and one that reads
	 * SO_ERROR right after connect() both. */
	bool polls, reads_at_once;
	bool first_error; /* reports the first address's error, not the last one's */
	unsigned tries;	  /* goes through it all again, so often; 0 is 1 */
	/*
	 * What it says when every address failed (and, where that differs, when the kernel gave up,
	 * or connect() itself failed), when its own patience ended, and when the name has no
	 * address; in the words of client_words.h. NULL: as says_error, or nothing to be quoted.
	 */
	const char *says_error, *says_timed_out, *says_local, *says_impatient, *says_nameless;
};

/* All of them, best known first. */
extern const struct ev_client ev_clients[];
extern const size_t ev_n_clients;

/* Returns the client of that name, or NULL. */
const struct ev_client *ev_client_find(const char *name);

/* What a client takes a name for. */
struct ev_client_names {
	enum mux_answer known; /* MUX_NO: there is no address, and `text` says so */
	struct ev_addresses addresses;
	int64_t elapsed_us; /* how long that took here; 0 = not seen */
	int status;	    /* EAI_* of a failure; 0 = not known */
	const char *text;   /* the resolver's words, or why it is not known */
	bool aloof;	    /* as in struct ev_client_result */
};

/* Fills *ret with what the client's resolver makes of the target; running out of memory is
 * remembered by the arena. */
void ev_client_resolve(const struct ev_context *context, const struct evaluation *evaluation,
		       const struct ev_client *client, struct ev_client_names *ret);

/* Foresees how the client will fare with the target; running out of memory is remembered by the
 * arena. */
void ev_client_run(const struct ev_context *context, const struct evaluation *evaluation,
		   const struct ev_client *client, struct ev_client_result *ret);

/* Runs all clients; returns 0 or -ENOMEM. */
int ev_clients_run(const struct ev_context *context, struct evaluation *evaluation);

/* "250 ms", "30 s"; in the arena, NULL when out of memory. */
const char *ev_client_duration(struct arena *arena, int64_t ms);

#endif
