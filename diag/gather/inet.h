/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as sockets take them, and the ICMP errors that sockets are told of. */
#ifndef MUX_GATHER_INET_H
#define MUX_GATHER_INET_H

#include <netinet/in.h>
#include <sys/socket.h>

#include <muxdiag/snapshot.h>

union inet_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* An ICMP error as the error queue has it (ip(7), IP_RECVERR). */
struct inet_icmp {
	uint8_t origin; /* SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6; 0 = none came */
	uint8_t type, code;
};

/* Fills *ret; the port is in host order. Returns its length. */
socklen_t inet_fill(union inet_address *ret, const struct mux_address *address, uint16_t port);

/* Returns the port, in host order. */
uint16_t inet_port(const union inet_address *address);

/* Asks the kernel to keep ICMP errors for inet_take_icmp(). */
void inet_want_icmp(int fd, int family);

/* Takes one ICMP error off the error queue, if there is one. Returns its errno, or 0 with *ret
 * untouched. */
int inet_take_icmp(int fd, struct inet_icmp *ret);

#endif
