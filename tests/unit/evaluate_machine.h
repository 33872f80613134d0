/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine made by hand, as facts: it starts as a healthy debian5 with a dual-stack server on port
 * 8000 that answers everywhere; tests break it, then run the evaluator on it.
 */
#ifndef TESTS_UNIT_EVALUATE_MACHINE_H
#define TESTS_UNIT_EVALUATE_MACHINE_H

#include "evaluate/context.h"
#include "evaluate/evaluation.h"

enum { MACHINE_MAX = 32, MACHINE_PORT = 8000 };

struct machine {
	struct arena *arena;
	struct mux_snapshot snapshot;
	struct mux_hosts_entry hosts[MACHINE_MAX];
	struct mux_slice host_names[MACHINE_MAX][4];
	struct mux_nss_service services[MACHINE_MAX];
	struct mux_resolution resolutions[MACHINE_MAX];
	struct mux_address answers[MACHINE_MAX][MACHINE_MAX];
	struct mux_link links[MACHINE_MAX];
	struct mux_interface_address addresses[MACHINE_MAX];
	struct mux_rule rules[MACHINE_MAX];
	struct mux_route_answer routes[MACHINE_MAX];
	struct mux_sysctl sysctls[MACHINE_MAX];
	struct mux_listener listeners[MACHINE_MAX];
	struct mux_nft_table tables[MACHINE_MAX];
	struct mux_nft_chain chains[MACHINE_MAX];
	struct mux_nft_chain_rules chain_rules[MACHINE_MAX];
	struct mux_nft_rule nft_rules[MACHINE_MAX];
	struct mux_probe probes[MACHINE_MAX];
	struct mux_target target;
	struct evaluation evaluation;
};

/* The machine of this test program; each test starts with machine_begin(). */
extern struct machine machine;

/* cmocka's setup and teardown. */
int machine_begin(void **state);
int machine_end(void **state);

/* Parses an address; fails the test when it is none. */
struct mux_address machine_address(const char *text);

/* Sets /etc/hosts: lines "127.0.0.1 localhost", "#::1 localhost"; ends with NULL. */
void machine_hosts(const char *const *lines);

/* Sets the services of nsswitch.conf's `hosts:` line: "files [NOTFOUND=return] dns". */
void machine_services(const char *text);

/* Says what getaddrinfo answered: addresses "::1,127.0.0.1", or "" and a status. */
void machine_answers(const char *name, const char *addresses, int status);

/* Forgets all answers of resolvers. */
void machine_forget_answers(void);

/* Sets what the kernel answers for a destination: an RTN_* type, or an errno. */
void machine_route(const char *destination, uint8_t type, int error);

/* Takes an address off all links. */
void machine_remove_address(const char *address);

/* Sets a sysctl below net/ipv6/conf, or takes it away (NULL). */
void machine_sysctl(const char *name, const char *value);

/* Takes all listeners away. */
void machine_forget_listeners(void);

/* Adds a listener on port 8000. */
struct mux_listener *machine_listen(int family, const char *address, enum mux_answer v6only);

/* Adds a base chain of table "filter" with priority 0. */
struct mux_nft_chain *machine_chain(uint8_t family, const char *name, uint32_t hook,
				    uint32_t policy);

/* nftables and the legacy tables are closed to us. */
void machine_deny_firewall(void);

/* Sets the probe of a protocol to an address; elapsed 300 ms when not finished, else 0.1 ms. */
struct mux_probe *machine_probe(enum mux_protocol protocol, const char *address, bool finished,
				bool connected, int error);

/* As the kernel answers to a connect when packets are dropped on the way out or in. */
void machine_silent_out(const char *address);
void machine_silent_in(const char *address);

/* No probes were made. */
void machine_forget_probes(void);

/* Makes the context that the stages read, for the machine's target. */
struct ev_context machine_context(void);

/* Evaluates for a target, "localhost" and a port. */
void machine_run(const char *host, uint16_t port);

/* Returns the candidate of that name and address; fails the test when there is none. */
const struct ev_candidate *machine_find(const char *name, const char *address);

/* Returns the addresses of a name in order, "::1 127.0.0.1". */
const char *machine_order(const char *name);

/* Fails the test unless `text` has `part` in it. */
void machine_has(const char *text, const char *part);

#endif
