/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The path of packets over lo through every hook, rule by rule: what the firewall does to one
 * conversation, as evaluated.
 */
#ifndef MUXDIAG_PATH_H
#define MUXDIAG_PATH_H

#include <muxdiag/muxdiag.h>
#include <muxdiag/snapshot.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The first packet that a client of this machine would send to this machine. */
struct mux_path_question {
	struct mux_address destination;
	uint8_t protocol;     /* IPPROTO_TCP, IPPROTO_UDP, or IPPROTO_ICMP for an echo request */
	uint16_t source_port; /* host order; 0 = any free one */
	uint16_t destination_port; /* host order; not for an echo request */
	bool has_uid;
	uint32_t uid;  /* of the client; without has_uid the one who gathered */
	uint32_t mark; /* SO_MARK of the client */
	/* Bytes of payload in a UDP request and its answer, and in TCP's first data. */
	bool has_payload;
	uint32_t n_payload;
};

enum mux_path_verdict {
	MUX_PATH_ACCEPT,
	MUX_PATH_DROP,
	MUX_PATH_REJECT,
	MUX_PATH_QUEUE, /* to a program in user space, which decides */
	MUX_PATH_UNKNOWN,
};

/* How the client sees it end. */
enum mux_path_result {
	MUX_PATH_CONNECTED, /* TCP: connect(2) succeeds; else the answer arrives */
	MUX_PATH_TIMEOUT,
	MUX_PATH_ERROR, /* with an errno */
	MUX_PATH_NOT_KNOWN,
};

/* A rule, a policy, or the whole of a hook: where packets die. Texts are escaped. */
struct mux_path_place {
	const char *hook; /* "output", "postrouting", "egress", "ingress", "prerouting", "input" */
	bool legacy;	  /* an xtables table, not nftables */
	const char *family;	   /* "ip", "ip6", "inet", "netdev", … */
	const char *table, *chain; /* NULL = no place is to be named */
	int32_t priority;
	uint64_t handle;  /* of an nftables rule; 0 = none */
	size_t position;  /* of the rule in its chain, from 1; 0 = the policy */
	const char *rule; /* in the syntax of nft, or of `iptables -S`; NULL of a policy */
	bool has_counters;
	uint64_t packets, bytes;
};

/* One rule or policy that a packet of the conversation meets, in order. */
struct mux_path_step {
	const char *packet; /* "SYN", "SYN/ACK", "query", … */
	struct mux_path_place place;
	unsigned depth;		 /* of jumps */
	enum mux_answer matches; /* of a policy MUX_YES */
	const char *why;	 /* MUX_NO or MUX_UNKNOWN because; else NULL */
	const char *verdict;	 /* "accept", "drop", "jump chain", …; "" goes on */
	bool decides;		 /* the packet dies here */
};

struct mux_path {
	struct mux_path_question question;
	enum mux_path_verdict verdict;
	const char *packet;	     /* the one that the verdict is about */
	struct mux_path_place place; /* of whoever decided; without names if accepted */
	bool after_request;	     /* it is the server's data: the client's has arrived */
	const char *reject;	/* of MUX_PATH_REJECT: "tcp reset", "icmp type 3 code 3"; or NULL */
	const char *reason;	/* of MUX_PATH_UNKNOWN; else NULL */
	const char *unless;	/* it dies, but perhaps at this other place; or NULL */
	const char *assumption; /* about the machine, on which the verdict rests; or NULL */
	enum mux_path_result result;
	int error;		   /* errno of MUX_PATH_ERROR */
	enum mux_answer listening; /* is there a server on the port? */
	const struct mux_path_step *steps;
	size_t n_steps;
};

/* The answers to some questions. */
struct mux_paths {
	const struct mux_path *paths; /* as many as there were questions, in their order */
	size_t n_paths;
};

/*
 * Looks at the firewall, routes and sockets of this machine, and at what these questions need of
 * its sets; sends nothing and resolves nothing. Returns the bundle, to be freed with
 * mux_bundle_free(), or NULL with *reterr.
 */
MUX_API struct mux_bundle *mux_gather_paths(const struct mux_path_question *questions,
					    size_t n_questions, struct mux_error *reterr);

/*
 * Evaluates the questions on the facts of mux_gather_paths() or mux_gather(). With `steps` every
 * rule that is met is listed. Returns the answers, which borrow nothing, to be freed with
 * mux_paths_free(), or NULL with *reterr (-ENOMEM).
 */
MUX_API const struct mux_paths *mux_paths_evaluate(const struct mux_snapshot *snapshot,
						   const struct mux_path_question *questions,
						   size_t n_questions, bool steps,
						   struct mux_error *reterr);

/*
 * MUX_STATUS_OK when every question's packets arrive, MUX_STATUS_FAILS when those of one die, else
 * MUX_STATUS_UNKNOWN. Whether somebody listens does not count.
 */
MUX_API enum mux_status mux_paths_status(const struct mux_paths *paths);

/*
 * Renders the answers to questions about `target`, a name for people, into a newly allocated,
 * NUL-terminated buffer, to be freed with free(): text, JSON by
 * contrib/schema/muxdiag-path.schema.json, or a drawing as an SVG document. With verbosity 1 the
 * text has each rule that is met, else those that matter; with -1 a line for each question. The
 * answers must have their steps. Returns 0, -ENOMEM, or -EINVAL for an unknown format.
 */
MUX_API int mux_paths_render(const struct mux_paths *paths, const char *target,
			     const struct mux_render_options *options, char **ret_text,
			     size_t *ret_len);

/* Frees the answers. NULL is allowed. */
MUX_API void mux_paths_free(const struct mux_paths *paths);

#ifdef __cplusplus
}
#endif

#endif
