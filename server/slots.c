/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots of connections: taken, found by what epoll remembers, released. */
#include "slots.h"
#include "connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int connections_init(struct worker *worker, uint32_t n)
{
	void *slots = mmap(NULL, n * sizeof(struct connection), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (slots == MAP_FAILED)
		return -errno;
	worker->slots = slots;
	worker->n_slots = worker->first_free = n;
	worker->n_touched = worker->n_connections = 0;
	return 0;
}

void connections_done(struct worker *worker)
{
	uint32_t i;

	if (worker->slots == NULL)
		return;
	for (i = 0; i < worker->n_touched; i++)
		if ((worker->slots[i].flags & CONNECTION_IN_USE) != 0)
			connection_close(worker, &worker->slots[i]);
	munmap(worker->slots, worker->n_slots * sizeof(struct connection));
	worker->slots = NULL;
}

struct connection *connection_take(struct worker *worker, int fd)
{
	struct connection *connection;

	if (worker->first_free != worker->n_slots) {
		connection = &worker->slots[worker->first_free];
		worker->first_free = connection->next_free;
	} else {
		connection = &worker->slots[worker->n_touched++];
	}
	connection->fd = fd;
	/* Never 0: that is what listeners are known by. */
	if (++connection->generation == 0)
		connection->generation = 1;
	connection->flags = CONNECTION_IN_USE;
	connection->interest = 0;
	connection->wait = WAIT_N;
	worker->n_connections++;
	return connection;
}

uint64_t connection_data(const struct worker *worker, const struct connection *connection)
{
	return (uint64_t)connection->generation << 32 | (uint64_t)(connection - worker->slots);
}

struct connection *connection_find(struct worker *worker, uint64_t data)
{
	struct connection *connection = &worker->slots[(uint32_t)data];

	if (connection->generation != data >> 32 || (connection->flags & CONNECTION_IN_USE) == 0)
		return NULL;
	return connection;
}

void spill_free(struct spill **spill)
{
	if (*spill == NULL)
		return;
	/* Passwords may have waited here. */
	explicit_bzero((*spill)->bytes, (*spill)->size);
	free(*spill);
	*spill = NULL;
}

int spill_set(struct spill **spill, const char *bytes, size_t len)
{
	struct spill *kept = *spill;
	size_t size = 512;

	while (size < len)
		size *= 2;
	if (kept == NULL || kept->size < len) {
		kept = malloc(sizeof(*kept) + size);
		if (kept == NULL)
			return -ENOMEM;
		spill_free(spill);
		kept->size = (uint32_t)size;
		*spill = kept;
	}
	kept->start = 0;
	kept->len = (uint32_t)len;
	memcpy(kept->bytes, bytes, len);
	return 0;
}

void connection_close(struct worker *worker, struct connection *connection)
{
	wheel_drop(&connection->timer);
	spill_free(&connection->in);
	spill_free(&connection->out);
	/* Leaves the epoll set with its last reference (epoll(7), Q6). */
	close(connection->fd);
	connection->fd = -1;
	connection->flags = 0;
	connection->next_free = worker->first_free;
	worker->first_free = (uint32_t)(connection - worker->slots);
	worker->n_connections--;
}
