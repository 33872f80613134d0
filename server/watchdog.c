/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watchdog.h"

#include <stdlib.h>
#include <unistd.h>

enum { NS_PER_S = 1000000000 };

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

void watchdog_init(struct watchdog *watchdog)
{
	const char *pid = getenv("WATCHDOG_PID"), *usec = getenv("WATCHDOG_USEC");

	*watchdog = (struct watchdog){0};
	if (usec == NULL || (pid != NULL && strtol(pid, NULL, 10) != (long)getpid()))
		return;
	/* Up to a year; what is no number is 0. */
	watchdog->interval_ns = strtoull(usec, NULL, 10) % (UINT64_C(31536000) * 1000000) * 500;
	watchdog->due_ns = now_ns();
}

bool watchdog_left(const struct watchdog *watchdog, struct timespec *ret_left)
{
	uint64_t now = now_ns(), left = watchdog->due_ns > now ? watchdog->due_ns - now : 0;

	if (watchdog->interval_ns == 0)
		return false;
	ret_left->tv_sec = (time_t)(left / NS_PER_S);
	ret_left->tv_nsec = (long)(left % NS_PER_S);
	return true;
}

bool watchdog_is_due(struct watchdog *watchdog)
{
	uint64_t now = now_ns();

	if (watchdog->interval_ns == 0 || now < watchdog->due_ns)
		return false;
	watchdog->due_ns = now + watchdog->interval_ns;
	return true;
}
