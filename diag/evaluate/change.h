/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a fix would change, applied to a copy of the facts, so that the same evaluation can be asked
 * what would come of it. Nothing here touches the machine.
 *
 * A kind of change is an enumerator, its fields, and a function in the table of change.c. Besides
 * changing the facts, the function forgets what was observed in the old world and need not be true
 * in the new one (change_forget_…()): the evaluation then predicts it.
 */
#ifndef MUX_EVALUATE_CHANGE_H
#define MUX_EVALUATE_CHANGE_H

#include "base/arena.h"
#include "evaluate/evaluation.h"

/* Least intrusive first: in this order the fixes of one finding are offered. */
enum change_kind {
	CHANGE_TARGET,	    /* another host is asked for: `host` */
	CHANGE_VARIABLE,    /* of the environment, set: `variable` */
	CHANGE_HOSTS,	    /* one line of /etc/hosts: `hosts` */
	CHANGE_NSSWITCH,    /* the hosts line of nsswitch.conf: `nsswitch` */
	CHANGE_GAI,	    /* a precedence line of gai.conf is taken out: `gai_line` */
	CHANGE_SYSCTL,	    /* `sysctl` */
	CHANGE_LINK_UP,	    /* lo */
	CHANGE_LINK_MTU,    /* of lo: `mtu` */
	CHANGE_ADDRESS,	    /* lo is given `address` */
	CHANGE_LOCAL_RULE,  /* table local is asked first, for every packet of `family` */
	CHANGE_LOCAL_ROUTE, /* table local is given `address` */
	CHANGE_RULE,	    /* a routing rule is removed: `rule` */
	CHANGE_ROUTE,	    /* a route of table local is removed: `route` */
	CHANGE_ACCEPT,	    /* loopback packets are accepted in front of a base chain: `accept` */
	CHANGE_LISTENER,    /* one more socket listens: `listener` */
	CHANGE_QUEUE,	    /* the server on `port` accepts what waits */
	CHANGE_N_KINDS
};

/* Strings and slices are borrowed; they live as long as the change is used. */
struct change {
	enum change_kind kind;
	union {
		const char *host;
		struct mux_variable variable;
		struct {
			size_t line;	  /* counted from 1; 0 = a new one at the end */
			const char *text; /* as it then reads, without its end; "" = none */
		} hosts;
		const char *nsswitch; /* the line as it then reads, without its end */
		size_t gai_line;      /* counted from 1 */
		struct {
			const char *path, *value; /* below /proc/sys */
		} sysctl;
		uint32_t mtu;
		struct {
			struct mux_address address;
			uint8_t prefix_len;
		} address;
		struct {
			int family;
			uint32_t priority;
			uint8_t action; /* FR_ACT_* */
		} rule;
		struct mux_route route;
		int family; /* of packets */
		struct {
			bool legacy;
			uint8_t family; /* NFPROTO_* of the table */
			struct mux_slice table;
			struct mux_slice chain; /* of nftables */
			unsigned hook;		/* NF_INET_*, of legacy tables */
			bool out;		/* lo is where the packet goes to */
		} accept;
		struct mux_listener listener;
		uint16_t port; /* host order */
	};
};

/* The facts and the question as they would be. */
struct change_world {
	struct mux_snapshot snapshot;
	struct mux_target target;
	/* What the facts were found to mean before; a failure that they do not explain is not
	 * expected to go. */
	const struct evaluation *before;
	/* The evaluation that knows most of this world already: `before`, unless there is a nearer
	 * one. What it found is taken over but for the families in `stale` (EV_STALE_…). */
	const struct evaluation *known;
	unsigned stale;
	struct arena *arena;
};

/* Starts a world that is as the evaluation found it. */
void change_world_init(struct change_world *world, const struct evaluation *before,
		       struct arena *arena);

/*
 * Changes the world. Returns 0, -ENOENT when what is to be changed is not in the facts, or -ENOMEM;
 * after an error the world must not be evaluated.
 */
int change_apply(struct change_world *world, const struct change *change);

/* --- for the files that change one kind of facts ------------------------------------------- */

int change_hosts(struct change_world *world, const struct change *change);
int change_sysctl(struct change_world *world, const struct change *change);
int change_link_up(struct change_world *world, const struct change *change);
int change_link_mtu(struct change_world *world, const struct change *change);
int change_address(struct change_world *world, const struct change *change);
int change_rule(struct change_world *world, const struct change *change);
int change_route(struct change_world *world, const struct change *change);
int change_local_rule(struct change_world *world, const struct change *change);
int change_local_route(struct change_world *world, const struct change *change);
int change_nft_accept(struct change_world *world, const struct change *change);
int change_xt_accept(struct change_world *world, const struct change *change);

/*
 * Returns a copy of an array of n objects of `size` bytes with room for one more, zeroed, in front
 * of object `at`; NULL when out of memory.
 */
void *change_insert(struct arena *arena, const void *items, size_t n, size_t size, size_t at);

/* Returns a copy of the array without object `at` (n > at); NULL when out of memory. */
void *change_remove(struct arena *arena, const void *items, size_t n, size_t size, size_t at);

/* Has the addresses of that family (0 = both) judged anew, and forgets that connections to them
 * failed, unless that was never explained. What connected goes on to: no change takes anything
 * away. */
int change_forget_probes(struct change_world *world, int family);

/* Forgets what resolvers that read files answered for the name. */
int change_forget_name(struct change_world *world, struct mux_slice name);

/* Forgets what the kernel's routes of that family refused or sent elsewhere, and the order of
 * names' addresses, which depends on them, where it can be predicted. */
int change_forget_routes(struct change_world *world, int family);

#endif
