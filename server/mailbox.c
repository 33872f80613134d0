/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mailbox.h"

void mailbox_init(struct mailbox *mailbox)
{
	pthread_mutex_init(&mailbox->lock, NULL);
	mailbox->closed = false;
	mailbox->n = 0;
}

bool mailbox_put(struct mailbox *mailbox, int fd)
{
	bool ok;

	pthread_mutex_lock(&mailbox->lock);
	ok = !mailbox->closed && mailbox->n < MAILBOX_MAX;
	if (ok)
		mailbox->fds[mailbox->n++] = fd;
	pthread_mutex_unlock(&mailbox->lock);
	return ok;
}

int mailbox_take(struct mailbox *mailbox)
{
	int fd = -1;

	pthread_mutex_lock(&mailbox->lock);
	if (mailbox->n != 0)
		fd = mailbox->fds[--mailbox->n];
	pthread_mutex_unlock(&mailbox->lock);
	return fd;
}

bool mailbox_close(struct mailbox *mailbox)
{
	bool empty;

	pthread_mutex_lock(&mailbox->lock);
	empty = mailbox->n == 0;
	mailbox->closed = mailbox->closed || empty;
	pthread_mutex_unlock(&mailbox->lock);
	return empty;
}
