/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was found: an outcome per name and address, the causes that apply with their evidence, and
 * what to use instead. Every string is NUL-terminated, valid UTF-8 and free of control characters:
 * bytes from the machine were escaped when they entered the report. All of it belongs to the
 * report and borrows from the snapshot.
 */
#ifndef MUXDIAG_REPORT_H
#define MUXDIAG_REPORT_H

#include <muxdiag/snapshot.h>

struct mux_path; /* muxdiag/path.h */

/* The answer as a whole; its numbers are the exit status of `muxdiag check`. */
enum mux_status {
	MUX_STATUS_OK = 0,	/* the target works, over every address it resolves to */
	MUX_STATUS_WARNING = 1, /* it works for some clients or addresses, or slowly */
	MUX_STATUS_FAILS = 2,	/* the target fails */
	MUX_STATUS_UNKNOWN = 3, /* too little could be read or tried */
};

enum mux_severity {
	MUX_SEVERITY_INFO,
	MUX_SEVERITY_UNKNOWN,
	MUX_SEVERITY_WARNING,
	MUX_SEVERITY_CRITICAL,
};

/* One thing that was seen, and where. */
struct mux_evidence {
	const char *source; /* "/etc/hosts:3", "ip6 filter OUTPUT policy", "probe tcp [::1]:8000" */
	const char *text;
};

struct mux_fix {
	const char *title; /* imperative, without a full stop */
	const char *const
		*commands; /* exact, shell-quoted; may be empty when text must be edited */
	size_t n_commands;
	/* What makes it outlast a restart of the machine, where the commands alone do not and the
	 * way is the same everywhere; may be empty. */
	const char *const *lasting;
	size_t n_lasting;
	/* What they do to a file, as a unified diff without context, line by line and for reading:
	 * tabs are spaces here. Empty when it is no known file, or its lines are not known. */
	const char *const *diff;
	size_t n_diff;
	/*
	 * MUX_YES: applied to a copy of the facts, all of which were evaluated again, it helps;
	 * `then` says what comes of it. MUX_UNKNOWN: it cannot be simulated, or too little is
	 * known; `then` is "". A fix that would not help is none.
	 */
	enum mux_answer proved;
	const char *then; /* "works for every client", "::1 works, too" */
	/* Of the clients that do not ask a proxy, how many then work without delay. */
	size_t n_working, n_clients;
};

/* An applied cause. */
struct mux_finding {
	const char *id; /* kebab-case and stable: "firewall-output-drop" */
	enum mux_severity severity;
	const char *title; /* one sentence that names the guilty thing */
	const char *hit;   /* who is hit; "" when everybody */
	const struct mux_evidence *evidence;
	size_t n_evidence;
	const struct mux_fix *fixes;
	size_t n_fixes;
	bool decisive; /* removing this one cause makes an address of the target connect */
	bool inferred; /* concluded from behaviour, because the thing itself could not be read */
};

/* The stages between a name and a served connection, in the order a packet meets them. */
enum mux_stage {
	MUX_STAGE_ROUTE,    /* loopback up, address there, the kernel's route */
	MUX_STAGE_OUTPUT,   /* OUTPUT, POSTROUTING, egress */
	MUX_STAGE_INPUT,    /* ingress, PREROUTING, INPUT */
	MUX_STAGE_LISTENER, /* somebody who would accept; MUX_UNKNOWN without a port */
	MUX_STAGE_PROBE,    /* the real connection; MUX_UNKNOWN when none was tried */
	MUX_N_STAGES
};

struct mux_stage_result {
	enum mux_answer passes;
	const char *text; /* why, with its evidence; never NULL */
};

/* One candidate: an address that a client given `name` would try. */
struct mux_endpoint {
	const char *name; /* "localhost", "debian5", "127.0.0.1" */
	struct mux_address address;
	uint16_t port;	   /* host order; 0 = none asked */
	unsigned position; /* 1 = tried first; within the same name */
	bool of_target;	   /* the name is the one that was asked about */
	enum mux_answer works;
	const char *text; /* one line: "connected in 0.1 ms", "silent for 300 ms: …" */
	struct mux_stage_result stages[MUX_N_STAGES];
};

/* One name and what it stands for on this machine. */
struct mux_name {
	const char *name;
	bool of_target;
	enum mux_answer resolves;
	const char *text; /* "::1, 127.0.0.1 (getaddrinfo)", "Name or service not known" */
};

/* How one client will fare with the target, foreseen from how it was measured to behave. */
struct mux_client {
	const char *name;  /* kebab-case and stable: "node-http" */
	const char *title; /* "Node 20 http" */
	enum mux_answer works;
	bool by_proxy;	  /* unknown because it asks a proxy instead of the target */
	int64_t after_ms; /* until it works or gives up; 0 = at once */
	const char *over; /* the address that it connects to, "" unless it works */
	const char *says; /* the words in which it fails; "" when it does not, or none are known */
	const char *text; /* "works after 250 ms over 127.0.0.1", "fails after 30 s" */
};

/* What to use instead; best first. Only what was seen to work. */
struct mux_recommendation {
	const char *use; /* URL when the target had a port, else the bare name or address */
	const char *why;
};

/* A source that could not be read, and what is not known for that reason. */
struct mux_gap {
	const char *source;
	const char *text;
};

struct mux_report {
	const char *target; /* as asked: "localhost:8000" */
	uint16_t port;
	enum mux_status status;
	const char *headline; /* the answer in one sentence */
	const struct mux_name *names;
	size_t n_names;
	const struct mux_endpoint *endpoints;
	size_t n_endpoints;
	const struct mux_finding *findings; /* most helpful first */
	size_t n_findings;
	const struct mux_client *clients; /* best known first; one when only one was asked about */
	size_t n_clients;
	const struct mux_recommendation *recommendations;
	size_t n_recommendations;
	const struct mux_gap *gaps;
	size_t n_gaps;
	const struct mux_machine *machine;
	/* What the rules do to a TCP connection with each address of the target, in the order of
	 * endpoints, with every rule that is met; one that does not match may lack its text. Only
	 * after mux_report_follow(), for formats that draw it: following packets through thousands
	 * of rules is not for every report. */
	const struct mux_path *paths;
	size_t n_paths;
};

#endif
