/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a page of passwords costs, in nanoseconds; and what copying a constant one would. */
#include "entropy.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PAGES = 500, ROUNDS = 2000 }; /* short rounds: most are not interrupted */

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static char page[2048];
static const struct password_way *way;

static bool make_fresh(struct entropy *entropy)
{
	struct password_page asked = password_page_default();
	struct password_source *source = entropy_source(entropy);
	size_t len;

	source->way = way;
	len = password_page_write(source, &asked, page, sizeof(page));
	entropy_forget(entropy);
	return len == password_page_len(&asked);
}

static bool copy_constant(struct entropy *entropy)
{
	static char constant[2048];

	(void)entropy;
	memcpy(page, constant, 1301);
	/* The copy is the point: the compiler may not leave it out. */
	__asm__ volatile("" : : "r"(page) : "memory");
	return true;
}

/* Returns the best of ROUNDS, which is what the work takes when nobody interferes. */
static double cost_of(struct entropy *entropy, bool (*make)(struct entropy *))
{
	double best = 1e18;
	int round, i;

	for (round = 0; round < ROUNDS; round++) {
		double start = now_ns(), cost;

		for (i = 0; i < PAGES; i++)
			if (!make(entropy))
				return -1;
		cost = (now_ns() - start) / PAGES;
		best = cost < best ? cost : best;
	}
	return best;
}

int main(void)
{
	struct entropy *entropy;

	if (entropy_new(&entropy) != 0)
		return 1;
	for (way = password_ways; way < password_ways + password_n_ways; way++)
		if (way->works_here())
			printf("fresh page, %-8s  %6.0f ns\n", way->name,
			       cost_of(entropy, make_fresh));
	printf("copying a constant    %6.0f ns\n", cost_of(entropy, copy_constant));
	entropy_free(entropy);
	return 0;
}
