/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/sentinel.h"

#include <stdio.h>
#include <string.h>

#include "base/slice.h"

const char sentinel_table[] = "muxdiag-trace-";

const struct sentinels sentinel_hooks[SENTINEL_HOOKS] = {
	{"output",
	 14,
	 {INT32_MIN, -301, -299, -201, -199, -151, -149, -101, -99, -1, 1, 49, 51, INT32_MAX}},
	{"postrouting", 6, {INT32_MIN, -151, -149, 99, 101, INT32_MAX}},
	{"ingress", 2, {INT32_MIN, INT32_MAX}},
	{"prerouting", 10, {INT32_MIN, -301, -299, -201, -199, -151, -149, -101, -99, INT32_MAX}},
	{"input", 10, {INT32_MIN, -151, -149, -1, 1, 49, 51, 99, 101, INT32_MAX}},
};

const char *sentinel_name(const struct sentinels *hook, int32_t priority,
			  char buffer[static SENTINEL_NAME_MAX])
{
	if (priority == INT32_MIN)
		snprintf(buffer, SENTINEL_NAME_MAX, "%s/first", hook->hook);
	else if (priority == INT32_MAX)
		snprintf(buffer, SENTINEL_NAME_MAX, "%s/last", hook->hook);
	else
		snprintf(buffer, SENTINEL_NAME_MAX, "%s/%d", hook->hook, (int)priority);
	return buffer;
}

const struct sentinels *sentinel_parse(struct mux_slice chain, int32_t *ret_priority)
{
	char name[SENTINEL_NAME_MAX];
	size_t i, j;

	for (i = 0; i < SENTINEL_HOOKS; i++)
		for (j = 0; j < sentinel_hooks[i].n; j++) {
			int32_t priority = sentinel_hooks[i].priorities[j];

			if (!slice_is(chain, sentinel_name(&sentinel_hooks[i], priority, name)))
				continue;
			*ret_priority = priority;
			return &sentinel_hooks[i];
		}
	return NULL;
}

int32_t sentinel_next(const struct sentinels *hook, int32_t priority)
{
	size_t i;

	for (i = 0; i < hook->n; i++)
		if (hook->priorities[i] > priority)
			return hook->priorities[i];
	return INT32_MAX;
}
