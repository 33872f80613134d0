/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the tools, as measured or as their documentation says. */
#include <string.h>

#include "preflight/preflight.h"

static const struct preflight_tool tools[] = {
	{.name = "ab",
	 .client = "ab",
	 .http10 = true,
	 .one_thread = true,
	 .ends_at_errors = true,
	 .request_us = 60},
	{.name = "wrk", .client = "wrk", .always_keeps = true, .request_us = 20},
	{.name = "wrk2", .client = "wrk", .always_keeps = true, .paced = true, .request_us = 20},
	{.name = "h2load", .client = "h2load", .always_keeps = true, .request_us = 30},
	{.name = "hey", .client = "hey", .request_us = 80},
	{.name = "k6", .client = "go", .paced = true, .request_us = 200},
	{.name = "vegeta", .client = "go", .paced = true, .request_us = 80},
	{.name = "bombardier", .client = "go", .request_us = 60},
	{.name = "curl", .client = "curl", .request_us = 5000, .proxy = "http_proxy"},
	{.name = "", .client = "curl", .request_us = 20, .proxy = "http_proxy"},
};

enum { N_TOOLS = sizeof(tools) / sizeof(tools[0]) };

const struct preflight_tool *preflight_tool_find(const char *name)
{
	size_t i;

	for (i = 0; i < N_TOOLS; i++)
		if (strcmp(tools[i].name, name) == 0)
			return &tools[i];
	return &tools[N_TOOLS - 1];
}
