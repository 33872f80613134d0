/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own report for one real packet and what answers it. A table of our own, which
 * belongs to a netlink socket and goes with it (NFT_TABLE_F_OWNER), marks the packets for tracing
 * by the probe's source port, and has an empty chain on either side of every place where something
 * that no trace names may take a packet: a packet that met the one and not the other went there.
 */
#ifndef MUX_GATHER_TRACE_H
#define MUX_GATHER_TRACE_H

#include <libmnl/libmnl.h>

#include <muxdiag/muxdiag.h>

#include "base/bundle.h"
#include "gather/inet.h"

/* The packet that is traced, and the socket that sends it. */
struct trace_probe {
	enum mux_protocol protocol;
	struct mux_address address, source; /* source: of no family until it is sent */
	uint16_t port;			    /* host order; 0 of ICMP */
	uint16_t source_port;		    /* host order; of ICMP the identifier */
	int fd;
	bool raw; /* an ICMP socket for which we build and check headers ourselves */
	bool finished, connected;
	int error;
	struct inet_icmp icmp;
	int64_t started_us, elapsed_us;
};

struct trace {
	struct trace_probe probe;
	struct mnl_socket *events; /* in the group of traces */
	struct mnl_socket *owner;  /* of the table; NULL when it is not there */
	char table[32];		   /* its name */
	bool ingress;		   /* the table could get chains on the ingress hook of lo */
};

/* Opens the socket for the kernel's reports. Returns 0 or -errno, -EPERM without CAP_NET_ADMIN;
 * trace_close() in either case. */
int trace_open(struct trace *trace);

/* Opens the probe's socket, bound to a free port; nothing is sent. Returns 0 or -errno. */
int trace_aim(struct trace *trace, enum mux_protocol protocol, const struct mux_address *address,
	      uint16_t port);

/*
 * Adds the table, sends the packet, waits for what becomes of it until deadline_us of
 * clock_now_us() at most, and takes the table away. Adds the entries below "trace/" to the bundle.
 * Returns 0 or -errno, the kernel's when it refuses the table.
 */
int trace_run(struct trace *trace, int64_t deadline_us, struct mux_bundle *bundle);

/* Closes the sockets and with them whatever is left of the table. */
void trace_close(struct trace *trace);

/* --- the parts ---------------------------------------------------------------------------- */

/* Adds the table, as its owner. Returns 0 or -errno. */
int trace_table_add(struct trace *trace);

/* Takes it away. */
void trace_table_remove(struct trace *trace);

/* Opens the socket. Returns 0 or -errno; the socket is closed with trace_probe_close(). */
int trace_probe_open(struct trace_probe *probe);

/* Sends the packet. What goes wrong is noted in the probe. */
void trace_probe_send(struct trace_probe *probe);

/* Returns the events of poll(2) to wait for. */
short trace_probe_events(const struct trace_probe *probe);

/* Takes what the socket has to tell. */
void trace_probe_look(struct trace_probe *probe);

/* Closes the socket, if it is open. */
void trace_probe_close(struct trace_probe *probe);

#endif
