/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All listening sockets of the server: opened, or inherited from a service manager or from the
 * muxd that we were (sd_listen_fds(3) is the protocol of both).
 */
#ifndef MUXD_SOCKETS_H
#define MUXD_SOCKETS_H

#include "listener.h"
#include "options.h"

struct sockets {
	struct listener_address addresses[LISTENER_MAX];
	size_t n_addresses;
	unsigned n_workers;
	bool restarted;				    /* they are those of the muxd that we were */
	int fds[OPTIONS_WORKERS_MAX][LISTENER_MAX]; /* -1 = not open */
};

/*
 * Opens what the options ask for, for so many workers, and takes over what was inherited; a muxd
 * before us decides on the number of workers by how many sockets it left. Returns 0, or -1 after
 * saying in one line what is wrong, with nothing left open.
 */
int sockets_open(const struct options *options, unsigned n_workers, struct sockets *ret_sockets);

/*
 * Puts the sockets in the order, and the environment in the state, in which the next program finds
 * them. To be followed by execve(2) only: other descriptors are overwritten. Returns 0 or -errno.
 */
int sockets_hand_over(const struct sockets *sockets);

/* Removes the paths of unix sockets that are ours. */
void sockets_unlink(const struct sockets *sockets);

#endif
