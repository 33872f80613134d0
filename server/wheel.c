/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wheel.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { MASK = WHEEL_BUCKETS - 1, WORDS = WHEEL_BUCKETS / 64 };

void wheel_init(struct wheel *wheel, uint32_t now)
{
	memset(wheel, 0, sizeof(*wheel));
	wheel->now = now;
}

static bool is_after(uint32_t tick, uint32_t than)
{
	return (int32_t)(tick - than) > 0;
}

void wheel_drop(struct timer *timer)
{
	if (timer->link == NULL)
		return;
	*timer->link = timer->next;
	if (timer->next != NULL)
		timer->next->link = timer->link;
	timer->link = NULL;
}

/* Puts a timer that is in no bucket into its deadline's, or the furthest one before it. */
static void insert(struct wheel *wheel, struct timer *timer)
{
	uint32_t furthest = wheel->now + MASK;
	uint32_t tick = is_after(timer->deadline, furthest) ? furthest : timer->deadline;
	struct timer **head = &wheel->buckets[tick & MASK];

	timer->bucket = tick;
	timer->next = *head;
	timer->link = head;
	if (timer->next != NULL)
		timer->next->link = &timer->next;
	*head = timer;
	wheel->occupied[(tick & MASK) / 64] |= UINT64_C(1) << (tick % 64);
}

void wheel_set(struct wheel *wheel, struct timer *timer, uint32_t ticks)
{
	timer->deadline = wheel->now + (ticks == 0 ? 1 : ticks);
	if (timer->link != NULL && !is_after(timer->bucket, timer->deadline))
		return;
	wheel_drop(timer);
	insert(wheel, timer);
}

/* Empties one bucket: into the chain what has expired, back into the wheel what was put off. */
static void empty_bucket(struct wheel *wheel, uint32_t tick, struct timer **expired)
{
	struct timer *timer = wheel->buckets[tick & MASK];

	wheel->buckets[tick & MASK] = NULL;
	wheel->occupied[(tick & MASK) / 64] &= ~(UINT64_C(1) << (tick % 64));
	while (timer != NULL) {
		struct timer *next = timer->next;

		timer->link = NULL;
		if (is_after(timer->deadline, wheel->now)) {
			insert(wheel, timer);
		} else {
			timer->next = *expired;
			*expired = timer;
		}
		timer = next;
	}
}

struct timer *wheel_turn(struct wheel *wheel, uint32_t now)
{
	struct timer *expired = NULL;
	uint32_t passed = now - wheel->now, i;

	/* After a long sleep each bucket is due once. */
	if (passed > WHEEL_BUCKETS)
		passed = WHEEL_BUCKETS;
	wheel->now = now;
	for (i = 0; i < passed; i++)
		empty_bucket(wheel, now - i, &expired);
	return expired;
}

int wheel_next(const struct wheel *wheel)
{
	uint32_t start = (wheel->now + 1) & MASK;
	unsigned i;

	for (i = 0; i <= WORDS; i++) {
		unsigned word = (start / 64 + i) % WORDS;
		uint64_t bits = wheel->occupied[word];

		/* The first word counts from `start` on; when all came round, up to it. */
		if (i == 0)
			bits &= ~UINT64_C(0) << (start % 64);
		if (bits != 0) {
			uint32_t bucket = word * 64 + (unsigned)__builtin_ctzll(bits);

			return (int)((bucket - start) & MASK) + 1;
		}
	}
	return -1;
}
