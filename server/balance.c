/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "balance.h"

#include "connection.h"
#include "slots.h"

#include <sys/epoll.h>
#include <unistd.h>

void balance_weigh(struct worker *worker)
{
	const struct fleet *fleet = worker->fleet;
	uint64_t own = worker_load(worker), total = 0;
	unsigned i;

	worker->surplus = 0;
	if (fleet->n == 1 || worker_is_draining(worker))
		return;
	for (i = 0; i < fleet->n; i++)
		total += worker_load(fleet->workers[i]);
	/* One more than the share is as even as it gets. */
	if (own * fleet->n >= total + fleet->n)
		worker->surplus = (uint32_t)(own - (total + fleet->n - 1) / fleet->n);
}

static struct worker *find_least(const struct fleet *fleet)
{
	struct worker *least = fleet->workers[0];
	unsigned i;

	for (i = 1; i < fleet->n; i++)
		if (worker_load(fleet->workers[i]) < worker_load(least))
			least = fleet->workers[i];
	return least;
}

bool balance_give(struct worker *worker, struct connection *connection)
{
	struct worker *least = find_least(worker->fleet);
	const uint64_t one = 1;

	worker->surplus--;
	if (worker_load(least) >= worker_load(worker) || worker_load(least) >= least->n_slots ||
	    worker_is_draining(least))
		return false;
	if (connection->interest != 0)
		(void)epoll_ctl(worker->epoll_fd, EPOLL_CTL_DEL, connection->fd, NULL);
	connection->interest = 0;
	if (!mailbox_put(&least->mailbox, connection->fd)) {
		worker->surplus = 0;
		return false;
	}
	(void)!write(least->wake_fd, &one, sizeof(one));
	connection_release(worker, connection);
	counter_add(&worker->counters.handed_over, 1);
	return true;
}

void balance_take(struct worker *worker)
{
	int fd = -1;

	while (worker_load(worker) < worker->n_slots) {
		fd = mailbox_take(&worker->mailbox);
		if (fd < 0)
			break;
		connection_adopt(worker, fd);
	}
	/* Full: what is left is taken when there is room. */
	worker->has_mail = fd >= 0 || worker_load(worker) == worker->n_slots;
}
