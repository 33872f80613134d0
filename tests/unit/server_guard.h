/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Input that ends at a page which may not be touched: one byte too far is a crash, always. */
#ifndef SERVER_GUARD_H
#define SERVER_GUARD_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct guard {
	char *pages;
	size_t size; /* of the pages that may be touched */
};

static inline struct guard guard_new(size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct guard guard = {.size = (len + page - 1) / page * page};

	guard.pages = mmap(NULL, guard.size + page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (guard.pages == MAP_FAILED || mprotect(guard.pages + guard.size, page, PROT_NONE) != 0)
		abort();
	return guard;
}

/* Returns a copy of the bytes that ends where the guard begins. */
static inline char *guard_put(const struct guard *guard, const char *bytes, size_t len)
{
	char *copy = guard->pages + guard->size - len;

	memcpy(copy, bytes, len);
	return copy;
}

static inline void guard_free(const struct guard *guard)
{
	munmap(guard->pages, guard->size + (size_t)sysconf(_SC_PAGESIZE));
}

#endif
