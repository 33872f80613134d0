/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inputs with a wall behind them: the bytes end where a page without access begins, so that reading
 * one byte too many crashes without any sanitizer.
 */
#ifndef TESTS_UNIT_GUARD_H
#define TESTS_UNIT_GUARD_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <muxdiag/snapshot.h>

struct guard {
	char *map;
	size_t map_len;
	struct mux_slice bytes; /* the copy */
};

/*
 * Copies the bytes in front of the wall. With `align` > 1 the copy begins at a multiple of it, and
 * up to align - 1 bytes may lie between its end and the wall.
 */
static inline struct mux_slice guard_copy(struct guard *guard, struct mux_slice bytes, size_t align)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (bytes.len + align - 1) / align * align;
	size_t pages = (room + page - 1) / page + 1;
	char *wall;

	guard->map_len = (pages + 1) * page;
	guard->map = mmap(NULL, guard->map_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	if (guard->map == MAP_FAILED)
		abort();
	wall = guard->map + pages * page;
	if (mprotect(wall, page, PROT_NONE) != 0)
		abort();
	if (bytes.len != 0)
		memcpy(wall - room, bytes.data, bytes.len);
	guard->bytes.data = wall - room;
	guard->bytes.len = bytes.len;
	return guard->bytes;
}

static inline void guard_free(struct guard *guard)
{
	munmap(guard->map, guard->map_len);
}

#endif
