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
	worker->n_touched = 0;
	counter_set(&worker->n_connections, 0);
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
	connection->wait = WAIT_N; /* and counted nowhere */
	counter_add(&worker->n_connections, 1);
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

/* Sees to it that *spill has room for len bytes, keeping those it has. */
static int spill_reserve(struct spill **spill, size_t len)
{
	struct spill *old = *spill, *new;
	size_t size = 512;

	if (old != NULL && old->size >= len)
		return 0;
	while (size < len)
		size *= 2;
	new = malloc(sizeof(*new) + size);
	if (new == NULL)
		return -ENOMEM;
	new->size = (uint32_t)size;
	new->start = new->len = 0;
	if (old != NULL) {
		new->start = old->start;
		new->len = old->len;
		memcpy(new->bytes, old->bytes, old->len);
	}
	spill_free(spill);
	*spill = new;
	return 0;
}

int spill_append(struct spill **spill, const char *bytes, size_t len)
{
	size_t before = *spill == NULL ? 0 : (*spill)->len;

	if (spill_reserve(spill, before + len) != 0)
		return -ENOMEM;
	memcpy((*spill)->bytes + before, bytes, len);
	(*spill)->len = (uint32_t)(before + len);
	return 0;
}

int spill_set(struct spill **spill, const char *bytes, size_t len)
{
	if (spill_reserve(spill, len) != 0)
		return -ENOMEM;
	(*spill)->start = 0;
	(*spill)->len = (uint32_t)len;
	memcpy((*spill)->bytes, bytes, len);
	return 0;
}

void connection_release(struct worker *worker, struct connection *connection)
{
	wheel_drop(&connection->timer);
	spill_free(&connection->in);
	spill_free(&connection->out);
	connection_set_wait(worker, connection, WAIT_N);
	connection->fd = -1;
	connection->flags = 0;
	connection->next_free = worker->first_free;
	worker->first_free = (uint32_t)(connection - worker->slots);
	counter_add(&worker->n_connections, UINT64_MAX);
}

void connection_close(struct worker *worker, struct connection *connection)
{
	/* Leaves the epoll set with its last reference (epoll(7), Q6). */
	close(connection->fd);
	connection_release(worker, connection);
}
