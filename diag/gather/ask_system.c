/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netdb.h>
#include <stddef.h>

#include "gather/clock.h"
#include "gather/resolvers.h"

void system_ask(const struct resolver_question *question, size_t number, int fd)
{
	const struct addrinfo hints = {
		.ai_family = question->family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = question->addrconfig ? AI_ADDRCONFIG : 0,
	};
	struct addrinfo *list = NULL, *item;
	struct resolution resolution;
	int64_t started_us = clock_now_us();

	resolution_start(&resolution, question);
	errno = 0;
	resolution.status = getaddrinfo(question->name, NULL, &hints, &list);
	resolution.error = resolution.status == EAI_SYSTEM ? errno : 0;
	resolution.elapsed_us = clock_now_us() - started_us;
	resolution.answered = true;
	if (resolution.status != 0) {
		resolution.text = gai_strerror(resolution.status);
		list = NULL;
	}
	for (item = list; item != NULL; item = item->ai_next)
		resolution_add_sockaddr(&resolution, item->ai_addr);
	resolvers_tell(fd, number, &resolution);
	if (list != NULL)
		freeaddrinfo(list);
}
