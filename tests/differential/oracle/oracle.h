/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the oracle share: the probe, and how a failure is told. */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>
#include <stdint.h>

/* Source ports (and echo identifiers) of probes start here, the ports of listeners end below: only
 * packets of probes are traced, and what a probe sends and gets is told apart by this. */
#define ORACLE_FIRST_SOURCE 20000

/* One packet to send to the loopback address of its family. */
struct probe {
	char id[64];
	int family;	 /* AF_INET or AF_INET6 */
	int protocol;	 /* IPPROTO_TCP or IPPROTO_UDP; for ICMP echo that of the family */
	uint16_t source; /* host order; the echo identifier of ICMP */
	uint16_t port;	 /* host order; unused for ICMP */
};

/* A line that says what could not be done; the caller's. */
struct failure {
	char text[512];
};

/* Fills *failure as printf does, with ": ERRNO" behind it if error is not 0. Returns -error, or
 * -EINVAL for 0, so that it can be returned. */
int fail(struct failure *failure, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
