/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections on their way from one worker to another. */
#ifndef MUXD_MAILBOX_H
#define MUXD_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum { MAILBOX_MAX = 64 };

struct mailbox {
	pthread_mutex_t lock;
	bool closed;
	size_t n;
	int fds[MAILBOX_MAX];
};

/* Prepares an empty mailbox that takes mail. */
void mailbox_init(struct mailbox *mailbox);

/* Puts a descriptor in, which then belongs to the mailbox. False: it is full or closed. */
bool mailbox_put(struct mailbox *mailbox, int fd);

/* Takes one out: a descriptor, or -1 when it is empty. */
int mailbox_take(struct mailbox *mailbox);

/* Takes no more mail from now on. Returns false, and stays open, when some is in it. */
bool mailbox_close(struct mailbox *mailbox);

#endif
